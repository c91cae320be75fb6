// The link of a hub to Root: lost, replaced, refused, ended in order.
#include "registry/nodes.hpp"
#include "support/mesh.hpp"
#include "support/mesh_store.hpp"

#include <catch2/catch.hpp>

#include <filesystem>

namespace adaos::links_test {

using namespace adaos::test;

namespace {

unsigned ping(Mesh& mesh, MeshNode& hub) {
    return mesh.visit({.path = "/hubs/" + hub.subnet_id + "/api/ping"}).value().head.status;
}

/// The same identity on a second machine: a copied disk, or the same one after a crash.
MeshNode& copy_of(Mesh& mesh, MeshNode& node, std::string host) {
    auto& copy = mesh.make_node(std::move(host));
    std::filesystem::copy(node.dir.root, copy.dir.root,
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
    return copy;
}

}  // namespace

TEST_CASE("both ends of a silent link notice within the time for silence, and it comes back",
          "[root][link]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    mesh.pass(1min);
    REQUIRE(ping(mesh, hub) == 200);

    mesh.network.unplug("alpha.test");
    mesh.pass(9s);
    CHECK(mesh.is_linked(hub));  // a pause of the network is no loss
    mesh.pass(6s);

    CHECK_FALSE(mesh.is_linked(hub));
    CHECK(mesh.status(hub, "cause").substr(0, 28) == "no link to Root: ADAOS-R005 ");
    CHECK(mesh.status(hub, "link.last_error_id") == "ADAOS-R005");
    CHECK(mesh.root_log.has("info hub lost"));
    CHECK(mesh.root_log.has("cause=peer_silent"));
    CHECK(ping(mesh, hub) == 503);

    mesh.network.plug("alpha.test");
    CHECK(mesh.linked(hub, 30s));
    CHECK(ping(mesh, hub) == 200);
    CHECK(mesh.status(hub, "cause") == "null");
}

TEST_CASE("a link that is cut is back within a second", "[root][link]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    mesh.pass(1min);

    mesh.network.cut("alpha.test");
    mesh.settle();
    CHECK(ping(mesh, hub) == 503);
    CHECK(mesh.linked(hub, 1s));
    CHECK(ping(mesh, hub) == 200);
}

TEST_CASE("a hub that comes again takes its place at once, whatever became of its old link",
          "[root][link]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    mesh.pass(1min);
    auto& reborn = copy_of(mesh, hub, "reborn.test");
    mesh.network.unplug("alpha.test");  // the power went; Root has heard nothing

    mesh.start(reborn);

    CHECK(mesh.is_linked(reborn));
    auto const reply = mesh.run_at_once(
        mesh.visiting({.path = "/hubs/" + hub.subnet_id + "/nodes/nobody/api/ping"}));
    CHECK(reply.value().head.status == 404);  // answered by the new one
    mesh.pass(1min);
    CHECK(mesh.is_linked(reborn));
    CHECK(ping(mesh, reborn) == 200);
}

TEST_CASE("two machines with one hub's identity are told of each other", "[root][link]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    mesh.pass(1min);
    auto& copy = copy_of(mesh, hub, "copy.test");

    mesh.start(copy);

    CHECK(mesh.is_linked(copy));
    CHECK_FALSE(mesh.is_linked(hub));
    CHECK(mesh.status(hub, "link.last_error_id") == "ADAOS-T004");
    CHECK(mesh.status(hub, "cause").find("another machine uses this node's identity") !=
          std::string::npos);
}

TEST_CASE("a hub that was removed at Root is refused, and its status says why", "[root][link]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    mesh.stop(hub);
    auto db = store::Database::open(mesh.root_database()).value();
    registry::Nodes(db).remove(hub.id, mesh.clock.wall()).value();

    mesh.start(hub);
    mesh.pass(1min);

    CHECK_FALSE(mesh.is_linked(hub));
    CHECK(mesh.status(hub, "cause").find("node_revoked") != std::string::npos);
    CHECK(ping(mesh, hub) == 503);
}

TEST_CASE("a Root that stops says so, and its hubs are back soon after it is", "[root][link]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    mesh.pass(1min);

    mesh.stop_root();
    CHECK_FALSE(mesh.is_linked(hub));
    CHECK(hub.log.has("draining: Root is stopping"));

    mesh.start_root();
    CHECK(mesh.linked(hub, 10s));
    CHECK(ping(mesh, hub) == 200);
}

TEST_CASE("however often Root restarts, and however, a link is back ten seconds after it can be",
          "[root][link]") {
    auto const seed = GENERATE(range<std::uint64_t>(1, 9));
    // Refused at once, or nothing is heard of it, or it says goodbye.
    enum class Death { refused, dark, tidy };
    auto const death = GENERATE(Death::refused, Death::dark, Death::tidy);
    CAPTURE(seed, static_cast<int>(death));
    Mesh mesh(seed);
    auto& hub = mesh.add_hub("alpha.test");
    std::string const root = Mesh::root_host;

    for (int restart = 0; restart < 8; ++restart) {
        CAPTURE(restart);
        if (death == Death::dark) {
            mesh.network.unplug(root);
        } else if (death == Death::refused) {
            mesh.network.set_reach(root, MeshNetwork::Reach::gone);  // its goodbyes, too
            mesh.network.cut(root);
            mesh.network.set_reach(root, MeshNetwork::Reach::refusing);
        }
        mesh.stop_root();
        mesh.pass(std::chrono::milliseconds(1000 + mesh.random.below(3000)));
        mesh.start_root();
        mesh.network.heal();
        CHECK(mesh.linked(hub, 10s));
    }
    CHECK(ping(mesh, hub) == 200);
}

TEST_CASE("a link is back ten seconds after the network is, however long that was away",
          "[root][link]") {
    auto const seed = GENERATE(range<std::uint64_t>(1, 9));
    auto const reach = GENERATE(MeshNetwork::Reach::gone, MeshNetwork::Reach::refusing);
    CAPTURE(seed, reach == MeshNetwork::Reach::gone);
    Mesh mesh(seed);
    auto& hub = mesh.add_hub("alpha.test");
    for (auto const away : {5s, 35s, 300s}) {
        CAPTURE(away.count());
        mesh.network.set_reach(Mesh::root_host, reach);
        mesh.network.cut(Mesh::root_host);
        mesh.pass(away);
        mesh.network.heal();
        CHECK(mesh.linked(hub, 10s));
    }
}

TEST_CASE("a hub that says it is another architecture than it was is refused at its hello",
          "[root][link]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    mesh.pass(31s);  // its heartbeat said which it is
    auto db = store::Database::open(mesh.root_database()).value();
    db.execute(
          "UPDATE nodes SET architecture = CASE architecture WHEN 'arm64' THEN 'amd64' "
          "ELSE 'arm64' END WHERE role = 'hub'")
        .value();

    mesh.network.cut("alpha.test");
    mesh.pass(20s);

    CHECK_FALSE(mesh.is_linked(hub));
    CHECK(mesh.status(hub, "cause").find("architecture_mismatch") != std::string::npos);
}

TEST_CASE("a hub that stops says so, and Root knows at once", "[root][link]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");

    mesh.stop(hub);

    CHECK(mesh.root_log.has("cause=draining"));
    auto const reply =
        mesh.run_at_once(mesh.visiting({.path = "/hubs/" + hub.subnet_id + "/api/ping"}));
    CHECK(reply.value().head.status == 503);
}

TEST_CASE("a hub whose Root has another CA than the pinned one links to nobody", "[root][link]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    mesh.stop_root();
    std::filesystem::remove_all(mesh.root_folder());

    mesh.start_root();  // someone else at the same address
    mesh.pass(1min);

    CHECK_FALSE(mesh.is_linked(hub));
    CHECK(mesh.status(hub, "link.last_error_id") == "ADAOS-T001");
}

TEST_CASE("a hello that waits for a slow store is given up, and works when the store does",
          "[root][link]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    mesh.network.cut("alpha.test");
    {
        SlowStore const slow;
        mesh.pass(20s);
    }

    CHECK(mesh.linked(hub, 20s));
    CHECK(ping(mesh, hub) == 200);
}

}  // namespace adaos::links_test

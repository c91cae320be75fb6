// An agent is the node that it was let in as, however often it comes and goes.
#include "root/agent_world.hpp"

#include <fstream>

namespace adaos::agent_restart_test {

using namespace adaos::test;

TEST_CASE("an agent restarted twenty times on a flapping network is one row and no new join",
          "[root][agent]") {
    AgentWorld world;
    auto& network = world.mesh.network;
    world.start();
    REQUIRE(world.mesh.until([&] { return world.shown("status") == "ready"; }, 2min));
    auto const id = world.shown("id");
    auto const leaf = world.leaf().fingerprint();
    auto const trail = world.number("SELECT count(*) FROM audit");
    int heard_again = 0;
    for (int round = 0; round < 20; ++round) {
        CAPTURE(round, world.log());
        auto const heard = world.shown("last_heartbeat_at");
        network.cut(round % 2 == 0 ? "builder.test" : Mesh::root_host);
        if (round % 4 == 1) network.unplug("builder.test");
        if (round % 4 == 3) network.set_reach(Mesh::root_host, MeshNetwork::Reach::refusing);
        world.mesh.pass(40s);  // longer than from one report to the next
        world.stop();
        if (round % 3 == 0) network.unplug("builder.test");
        world.start();
        world.mesh.pass(std::chrono::milliseconds(700 * (round % 5)));
        network.heal();
        world.mesh.pass(2min);
        CHECK(world.shown("id") == id);
        CHECK(world.shown("status") == "ready");
        if (world.shown("last_heartbeat_at") != heard) ++heard_again;
    }

    CHECK(heard_again == 20);
    CHECK(world.said("heartbeat not delivered"));  // the network did flap
    CHECK(world.leaf().fingerprint() == leaf);
    CHECK(world.number("SELECT count(*) FROM nodes WHERE node_id = '" + id + "'") == 1);
    CHECK(world.number("SELECT count(*) FROM nodes WHERE role = 'member'") == 1);
    CHECK(world.number("SELECT count(*) FROM redemptions WHERE node_id IS NOT NULL") == 1);
    CHECK(world.number("SELECT count(*) FROM audit") == trail);
}

TEST_CASE("an agent that reports is connected, without a link", "[root][agent]") {
    AgentWorld world;
    auto const at_hub = [&](std::string const& field) {
        auto const reply = world.mesh.local(world.hub, {"GET", "/v1/nodes/builder"});
        return json_at(reply.value().body, field);
    };
    world.start();
    REQUIRE(world.mesh.until([&] { return world.shown("status") == "ready"; }, 2min));
    CHECK(world.shown("liveness") == "connected");
    world.mesh.pass(10min);
    CHECK(world.shown("liveness") == "connected");
    CHECK(world.shown("route_mode") == "none");
    CHECK(at_hub("liveness") == "connected");

    world.mesh.stop_root();
    world.mesh.start_root();
    CHECK(world.shown("liveness") == "stale");  // until it reports
    world.mesh.pass(2min);
    CHECK(world.shown("liveness") == "connected");

    world.stop();
    world.mesh.pass(100s);
    CHECK(world.shown("status") == "unreachable");
    CHECK(world.shown("liveness") == "stale");
    CHECK(at_hub("liveness") == "stale");
}

TEST_CASE("an agent that was cordoned before it ever spoke, and dies, is told as both",
          "[root][agent]") {
    AgentWorld world;
    CHECK(world.shown("status") == "pending");
    CHECK(world.ask({"POST", "/v1/nodes/builder/cordon"}).head.status == 200);
    CHECK(world.shown("status") == "cordoned");
    CHECK(world.shown("liveness") == "never");
    CHECK(world.ask({"POST", "/v1/nodes/builder/uncordon"}).head.status == 200);
    CHECK(world.shown("status") == "pending");

    world.start();
    REQUIRE(world.mesh.until([&] { return world.shown("status") == "ready"; }, 2min));
    CHECK(world.ask({"POST", "/v1/nodes/builder/cordon"}).head.status == 200);
    world.stop();
    world.mesh.pass(5min);
    CHECK(world.shown("status") == "cordoned");
    CHECK(world.shown("liveness") == "stale");
    CHECK(world.shown("enrolment") == "active");
}

TEST_CASE("the hub of another subnet says nothing about our agent", "[root][agent]") {
    AgentWorld world;
    auto& mesh = world.mesh;
    world.start();
    REQUIRE(mesh.until([&] { return world.shown("status") == "ready"; }, 2min));
    auto& stranger = mesh.add_hub("evil.test");
    auto& twin = mesh.make_node("twin.test");
    std::ofstream(twin.dir.node_yaml()) << "node_id: " << world.shown("id") << '\n';
    auto const code = mesh.make_code(stranger, "local");
    REQUIRE(mesh.join(twin, code, stranger.url(), stranger.url()).has_value());
    REQUIRE(twin.id == world.shown("id"));
    mesh.start(twin);
    REQUIRE(mesh.linked(twin));

    for (int i = 0; i < 12; ++i) {
        mesh.pass(10s);
        CHECK(world.shown("liveness") == "connected");
        CHECK(world.shown("route_mode") == "none");
    }
}

}  // namespace adaos::agent_restart_test

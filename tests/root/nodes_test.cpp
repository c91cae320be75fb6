// Root's office of all nodes: hubs are its own, members are their hubs'.
#include "store/database.hpp"
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

namespace adaos::nodes_test {

using namespace adaos::test;

namespace {

struct World {
    net::Reply ask(std::string method, std::string path) {
        Ask asked{std::move(method), std::move(path)};
        asked.fields.add("X-Root-Token", mesh.root_token());
        return mesh.visit(std::move(asked)).value();
    }
    std::string field(std::string const& of, std::string const& name) {
        return json_at(ask("GET", "/v1/nodes/" + of).body, name);
    }
    std::string at_hub(std::string const& of, std::string const& name) {
        return json_at(mesh.local(hub, {"GET", "/v1/nodes/" + of}).value().body, name);
    }
    int events(std::string const& event) {
        auto db = store::Database::open(mesh.root_database()).value();
        auto row = db.prepare("SELECT count(*) FROM audit WHERE event = ?1");
        row.bind(1, event);
        REQUIRE(row.step().value());
        return static_cast<int>(row.integer(0));
    }

    /// Root's trail of that node, oldest first: "event by actor: detail; …".
    std::string story(std::string const& node_id) {
        auto db = store::Database::open(mesh.root_database()).value();
        auto row = db.prepare(
            "SELECT event, actor, detail FROM audit WHERE node_id = ?1 AND event NOT IN "
            "('redeemed', 'sealed') ORDER BY seq");
        row.bind(1, node_id);
        std::string out;
        while (row.step().value())
            out += row.text(0) + " by " + row.text(1) + ": " + row.text(2) + "; ";
        return out;
    }

    Mesh mesh;
    MeshNode& hub = mesh.add_hub("alpha.test");
    MeshNode& node = mesh.add_member("beta.test", hub);
};

}  // namespace

TEST_CASE("Root's nodes are for the holder of the root token", "[root][nodes]") {
    World world;
    auto const ask = [&](Ask asked) { return world.mesh.visit(std::move(asked)).value(); };
    CHECK(ask({"GET", "/v1/nodes"}).head.status == 401);
    CHECK(ask({"GET", "/v1/nodes", world.mesh.make_token(world.hub, "admin")}).head.status == 401);
    Ask wrong{"GET", "/v1/nodes"};
    wrong.fields.add("X-Root-Token", "guess");
    CHECK(ask(std::move(wrong)).head.status == 401);
    CHECK(world.ask("GET", "/v1/nodes").head.status == 200);
}

TEST_CASE("Root lists the nodes of every subnet as their hubs see them", "[root][nodes]") {
    World world;
    auto& other = world.mesh.add_hub("other.test");
    world.mesh.add_member("beta2.test", other);

    auto const all = world.ask("GET", "/v1/nodes");
    CHECK_FALSE(json_at(all.body, "data.3.name").empty());
    CHECK(json_at(all.body, "data.4").empty());
    auto const some = world.ask("GET", "/v1/nodes?subnet=" + world.hub.subnet_id);
    CHECK_FALSE(json_at(some.body, "data.1.name").empty());
    CHECK(json_at(some.body, "data.2").empty());
    CHECK(world.field("beta", "status") == "ready");
    CHECK(world.field("beta", "liveness") == "connected");
    CHECK(world.field("beta", "provisioning") == "provisioned");
    CHECK(world.field("beta", "agent_version") == ADAOS_VERSION);
    CHECK(json_at(world.ask("GET", "/api/v1/admin/nodes/" + world.hub.id).body, "liveness") ==
          "connected");
}

TEST_CASE("an order at Root for a member is its hub's to carry out", "[root][nodes]") {
    World world;

    auto const cordoned = world.ask("POST", "/v1/nodes/beta/cordon");
    CHECK(json_at(cordoned.body, "status") == "cordoned");
    CHECK(world.at_hub("beta", "status") == "cordoned");
    CHECK(world.at_hub("beta", "cordoned_by") == "root: root-token");
    CHECK(json_at(world.ask("POST", "/v1/nodes/beta/pause").body, "provisioning") == "paused");
    CHECK(world.mesh.status(world.node, "provisioning") == "paused");

    world.mesh.stop(world.hub);
    CHECK(world.ask("POST", "/v1/nodes/beta/uncordon").head.status == 503);
    CHECK(world.field("beta", "liveness") == "stale");
    CHECK(world.field("beta", "status") == "cordoned");
}

TEST_CASE("an order at Root for a member is in Root's own trail, with what became of it",
          "[root][nodes][audit]") {
    World world;
    auto const of_hub = " by hub of " + world.hub.subnet_id + ": ";
    auto const asked = [](std::string const& command) {
        return "ordered by root-token: command=" + command + "; ";
    };
    auto const ended = [](std::string const& command, std::string const& outcome) {
        return "answered by root-token: command=" + command + " outcome=" + outcome + "; ";
    };
    std::string expected;
    auto const order = [&](std::string const& command, std::string const& event) {
        REQUIRE(world.ask("POST", "/v1/nodes/beta/" + command).head.status == 200);
        expected += asked(command) + event + ended(command, "done");
        CHECK(world.story(world.node.id) == expected);
    };
    order("cordon", "cordoned" + of_hub + "root: root-token; ");
    order("cordon", "");  // asked again: nothing came of it
    order("uncordon", "uncordoned" + of_hub + "; ");
    order("pause", "paused" + of_hub + "; ");
    order("resume", "resumed" + of_hub + "; ");

    world.mesh.stop(world.hub);
    CHECK(world.ask("POST", "/v1/nodes/beta/drain").head.status == 503);
    expected += asked("drain") + ended("drain", "hub-offline");
    CHECK(world.story(world.node.id) == expected);

    world.mesh.start(world.hub);
    REQUIRE(world.mesh.linked(world.hub));
    CHECK(world.ask("DELETE", "/v1/nodes/beta?force=true").head.status == 204);
    expected += asked("delete") + ended("delete", "done") + "removed" + of_hub + "beta; ";
    CHECK(world.story(world.node.id) == expected);
}

TEST_CASE("what is ordered at the hub is in Root's trail, once, as the hub told it",
          "[root][nodes][audit]") {
    World world;
    for (auto const* const command : {"cordon", "pause", "uncordon", "resume"}) {
        auto const path = std::string("/v1/nodes/beta/") + command;
        REQUIRE(world.mesh.local(world.hub, {"POST", path}).value().head.status == 200);
        world.mesh.pass(31s);
    }
    world.mesh.pass(2min);

    auto const of_hub = " by hub of " + world.hub.subnet_id + ": ";
    CHECK(world.story(world.node.id) == "cordoned" + of_hub + "local; paused" + of_hub +
                                            "; uncordoned" + of_hub + "; resumed" + of_hub + "; ");
}

TEST_CASE("an order at the hub shows at Root", "[root][nodes]") {
    World world;
    REQUIRE(world.mesh.local(world.hub, {"POST", "/v1/nodes/beta/cordon"}).value().head.status ==
            200);

    world.mesh.pass(31s);

    CHECK(world.field("beta", "status") == "cordoned");
}

TEST_CASE("Root that starts anew has nobody connected until they report", "[root][nodes]") {
    World world;
    world.mesh.stop_root();
    world.mesh.network.set_reach("alpha.test", MeshNetwork::Reach::gone);
    world.mesh.start_root();
    CHECK(world.field("beta", "liveness") == "stale");

    world.mesh.network.heal();
    REQUIRE(world.mesh.linked(world.hub));
    REQUIRE(world.mesh.linked(world.node));
    world.mesh.pass(1s);

    CHECK(world.field("beta", "liveness") == "connected");
}

TEST_CASE("a hub is Root's own node: cordoned and paused there", "[root][nodes]") {
    World world;
    auto const name = json_at(world.ask("GET", "/api/v1/admin/nodes/" + world.hub.id).body, "name");
    CHECK(world.field(name, "status") == "ready");
    CHECK(world.field(name, "provisioning") == "provisioned");

    CHECK(json_at(world.ask("POST", "/v1/nodes/" + name + "/cordon").body, "status") == "cordoned");
    CHECK(json_at(world.ask("POST", "/v1/nodes/" + name + "/pause").body, "provisioning") ==
          "paused");
    CHECK(world.at_hub("alpha", "provisioning") == "paused");
    CHECK(world.ask("POST", "/v1/nodes/" + name + "/resume").head.status == 200);

    // The member's link goes through Root: that is work on the hub.
    auto const busy = world.ask("DELETE", "/v1/nodes/" + name);
    CHECK(busy.head.status == 409);
    CHECK(json_at(busy.body, "details.blocking_resources.relayed_exchanges") == "1");
    CHECK(json_at(busy.body, "details.force_available") == "true");
    CHECK(json_at(world.ask("POST", "/v1/nodes/" + name + "/drain").body, "status") == "draining");
    world.mesh.stop(world.node);
    world.mesh.pass(1s);
    CHECK(world.field(name, "status") == "cordoned");

    CHECK(world.ask("DELETE", "/v1/nodes/" + name).head.status == 204);
    world.mesh.pass(30s);
    CHECK_FALSE(world.mesh.is_linked(world.hub));
    CHECK(world.events("removed") == 1);
}

TEST_CASE("a member removed at Root is gone at its hub, linked or not", "[root][nodes]") {
    World world;
    bool const hub_away = GENERATE(false, true);
    CAPTURE(hub_away);
    if (hub_away) world.mesh.stop(world.hub);

    CHECK(world.ask("DELETE", "/v1/nodes/beta").head.status == 204);
    CHECK(world.ask("DELETE", "/v1/nodes/beta").head.status == 404);

    if (hub_away) {
        world.mesh.start(world.hub);
        REQUIRE(world.mesh.linked(world.hub));
    }
    world.mesh.pass(20s);
    CHECK_FALSE(world.mesh.is_linked(world.node));
    CHECK(world.at_hub("beta", "status") == "404");  // the problem's
    CHECK(world.events("removed") == 1);
}

TEST_CASE("a member removed at its hub is gone at Root, told late or not", "[root][nodes]") {
    World world;
    bool const root_away = GENERATE(false, true);
    CAPTURE(root_away);
    if (root_away) world.mesh.stop_root();

    REQUIRE(world.mesh.local(world.hub, {"DELETE", "/v1/nodes/beta"}).value().head.status == 204);

    if (root_away) {
        world.mesh.start_root();
        REQUIRE(world.mesh.linked(world.hub));
    }
    world.mesh.pass(2s);
    CHECK(world.ask("GET", "/v1/nodes/beta").head.status == 404);
    CHECK(world.events("removed") == 1);
}

}  // namespace adaos::nodes_test

// The nodes' office of a hub, with members on links.
#include "identity/machine.hpp"
#include "identity/provisioning.hpp"
#include "store/database.hpp"
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

namespace adaos::nodes_test {

using namespace adaos::test;

namespace {

struct World {
    net::Reply ask(std::string method, std::string path) {
        return mesh.local(hub, {std::move(method), std::move(path)}).value();
    }
    net::Reply order(std::string const& verb) { return ask("POST", "/v1/nodes/beta/" + verb); }
    std::string field(std::string const& name) {
        return json_at(ask("GET", "/v1/nodes/beta").body, name);
    }
    int numbered(char const* sql) {
        auto db = store::Database::open(hub.dir.database()).value();
        auto row = db.prepare(sql);
        REQUIRE(row.step().value());
        return static_cast<int>(row.integer(0));
    }

    Mesh mesh;
    MeshNode& hub = mesh.add_hub("alpha.test");
    MeshNode& node = mesh.add_member("beta.test", hub);
};

}  // namespace

TEST_CASE("a member that was let in is ready, and says what it is", "[hub][nodes]") {
    World world;

    CHECK(world.field("status") == "ready");
    CHECK(world.field("enrolment") == "active");
    CHECK(world.field("provisioning") == "provisioned");
    CHECK(world.field("liveness") == "connected");
    CHECK(world.field("placeable") == "true");
    CHECK(world.field("row") == "online");
    auto const own = identity::machine_architecture();
    CHECK(world.field("architecture") == (own.empty() ? "null" : own));
    CHECK(world.field("agent_version") == ADAOS_VERSION);
    CHECK(world.mesh.status(world.node, "provisioning") == "provisioned");
}

TEST_CASE("the list has the hub and its members, page by page", "[hub][nodes]") {
    World world;
    world.mesh.add_member("gamma.test", world.hub);

    auto const all = world.ask("GET", "/v1/nodes");
    CHECK(json_at(all.body, "data.0.name") == "alpha");
    CHECK(json_at(all.body, "data.0.role") == "hub");
    CHECK(json_at(all.body, "data.0.status") == "ready");
    CHECK(json_at(all.body, "data.2.name") == "gamma");
    CHECK(json_at(all.body, "meta.next_cursor") == "null");
    std::string names;
    std::string next;
    do {
        auto const path = "/v1/nodes?limit=1" + (next.empty() ? "" : "&cursor=" + next);
        auto const page = world.ask("GET", path);
        REQUIRE(page.head.status == 200);
        names += json_at(page.body, "data.0.name") + " ";
        CHECK(json_at(page.body, "data.1").empty());
        next = json_at(page.body, "meta.next_cursor");
    } while (next != "null");
    CHECK(names == "alpha beta gamma ");

    REQUIRE(world.order("cordon").head.status == 200);
    auto const cordoned = world.ask("GET", "/v1/nodes?status=cordoned");
    CHECK(json_at(cordoned.body, "data.0.name") == "beta");
    CHECK(json_at(cordoned.body, "data.1").empty());
    CHECK(json_at(world.ask("GET", "/v1/nodes?subnet=sn_ffffffff").body, "data") == "[]");
}

TEST_CASE("what is asked wrongly is told apart", "[hub][nodes]") {
    World world;
    CHECK(world.ask("GET", "/v1/nodes/" + world.node.id).head.status == 400);
    CHECK(world.ask("GET", "/v1/nodes/Beta").head.status == 400);
    CHECK(world.ask("GET", "/v1/nodes/nobody").head.status == 404);
    CHECK(world.ask("GET", "/v1/nodes/beta/none").head.status == 404);
    CHECK(world.ask("POST", "/v1/nodes/beta/delete").head.status == 404);
    CHECK(world.ask("GET", "/v1/nodes/beta/cordon").head.status == 405);
    CHECK(world.ask("POST", "/v1/nodes").head.status == 405);
    CHECK(world.ask("GET", "/v1/nodes?limit=0").head.status == 400);
    CHECK(world.ask("POST", "/v1/nodes/beta/cordon?force=true").head.status == 400);
    CHECK(world.ask("POST", "/v1/nodes/nobody/cordon").head.status == 404);
    CHECK(world.ask("DELETE", "/v1/nodes/alpha").head.status == 409);  // the hub itself
    auto const by_id = "/api/v1/admin/nodes/";
    CHECK(json_at(world.ask("GET", by_id + world.node.id).body, "name") == "beta");
    CHECK(world.ask("GET", by_id + std::string("beta")).head.status == 400);
    CHECK(
        world.ask("GET", by_id + std::string("00000000-0000-4000-8000-000000000009")).head.status ==
        404);
}

TEST_CASE("roles see and may what they should", "[hub][nodes]") {
    World world;
    auto const at_hub = "/hubs/" + world.hub.subnet_id;
    auto const ask = [&](std::string const& scope, std::string method, std::string const& path) {
        auto const token = scope.empty() ? "" : world.mesh.make_token(world.hub, scope);
        return world.mesh.visit({std::move(method), at_hub + path, token}).value();
    };
    for (auto const* scope : {"view", "viewer", "developer"}) {
        CAPTURE(scope);
        auto const shown = ask(scope, "GET", "/v1/nodes/beta").body;
        for (auto const* key :
             {"id", "name", "architecture", "status", "cordoned_at", "labels", "created_at"})
            CHECK_FALSE(json_at(shown, key).empty());
        for (auto const* key : {"role", "liveness", "provisioning", "scheduling", "hostname",
                                "agent_version", "last_heartbeat_at", "subnet_id"})
            CHECK(json_at(shown, key).empty());
        CHECK(json_at(ask(scope, "GET", "/v1/nodes").body, "data.0.role").empty());
        for (auto const* verb : {"cordon", "uncordon", "pause", "resume", "drain"})
            CHECK(ask(scope, "POST", std::string("/v1/nodes/beta/") + verb).head.status == 403);
        CHECK(ask(scope, "DELETE", "/v1/nodes/beta").head.status == 403);
    }
    CHECK(ask("", "GET", "/v1/nodes").head.status == 401);
    CHECK(ask("", "POST", "/v1/nodes/beta/cordon").head.status == 401);
    auto const full = ask("operator", "GET", "/v1/nodes/beta");
    CHECK(json_at(full.body, "liveness") == "connected");
    CHECK(ask("operate", "POST", "/v1/nodes/beta/cordon").head.status == 200);
    CHECK(ask("operate", "DELETE", "/v1/nodes/beta").head.status == 403);
    CHECK(ask("admin", "DELETE", "/v1/nodes/beta").head.status == 204);
    // A developer uses nodes like an operator.
    world.mesh.add_member("gamma.test", world.hub);
    auto const to_gamma = "/nodes/gamma/api/probe/upload";
    CHECK(ask("view", "POST", to_gamma).head.status == 403);
    CHECK(ask("developer", "POST", to_gamma).head.status == 200);
}

TEST_CASE("cordon and uncordon may be repeated, and hide no death", "[hub][nodes]") {
    World world;
    for (int i = 0; i < 2; ++i) {
        CHECK(json_at(world.order("cordon").body, "status") == "cordoned");
        CHECK(world.field("scheduling") == "cordoned");
        CHECK(world.field("placeable") == "false");
    }
    auto const since = world.field("cordoned_at");
    CHECK_FALSE(since.empty());

    world.mesh.network.unplug("beta.test");
    world.mesh.pass(100s);

    CHECK(world.field("status") == "cordoned");
    CHECK(world.field("liveness") == "stale");
    CHECK(world.field("row") == "offline");
    CHECK(world.field("cordoned_at") == since);
    CHECK(json_at(world.order("uncordon").body, "status") == "unreachable");
    CHECK(world.order("uncordon").head.status == 200);
    world.mesh.network.heal();
    REQUIRE(world.mesh.linked(world.node));
    CHECK(world.field("status") == "ready");
}

TEST_CASE("a member that never came is pending, cordoned and pending again", "[hub][nodes]") {
    World world;
    auto& late = world.mesh.make_node("late.test");
    REQUIRE(world.mesh.join(late, world.mesh.make_code(world.hub)).has_value());
    auto const late_field = [&](char const* name) {
        return json_at(world.ask("GET", "/v1/nodes/late").body, name);
    };
    CHECK(late_field("status") == "pending");
    CHECK(late_field("liveness") == "never");

    REQUIRE(world.ask("POST", "/v1/nodes/late/cordon").head.status == 200);
    CHECK(late_field("status") == "cordoned");
    REQUIRE(world.ask("POST", "/v1/nodes/late/uncordon").head.status == 200);

    CHECK(late_field("status") == "pending");
    CHECK(world.ask("POST", "/v1/nodes/late/pause").head.status == 503);
    world.mesh.start(late);
    REQUIRE(world.mesh.linked(late));
    CHECK(late_field("status") == "ready");
}

TEST_CASE("a paused node stays paused over its restart and the hub's", "[hub][nodes]") {
    World world;
    CHECK(json_at(world.order("pause").body, "provisioning") == "paused");
    CHECK(world.field("status") == "ready");
    CHECK(world.field("placeable") == "false");
    CHECK(world.mesh.status(world.node, "provisioning") == "paused");
    CHECK(identity::load_provisioning(world.node.dir).value().state ==
          identity::Provisioning::paused);

    world.mesh.stop(world.node);
    CHECK(world.field("provisioning") == "paused");
    CHECK(world.order("resume").head.status == 503);
    world.mesh.start(world.node);
    REQUIRE(world.mesh.linked(world.node));
    CHECK(world.mesh.status(world.node, "provisioning") == "paused");
    CHECK(world.field("provisioning") == "paused");

    world.mesh.stop(world.hub);
    world.mesh.network.set_reach("beta.test", MeshNetwork::Reach::gone);
    world.mesh.start(world.hub);
    CHECK(world.field("liveness") == "stale");  // until it reports
    CHECK(world.field("provisioning") == "paused");
    CHECK(world.field("route_mode") == "none");
    world.mesh.network.heal();
    REQUIRE(world.mesh.linked(world.node));
    CHECK(world.field("liveness") == "connected");
    CHECK(json_at(world.order("resume").body, "provisioning") == "provisioned");
    CHECK(world.field("placeable") == "true");
    CHECK(world.numbered("SELECT count(*) FROM audit WHERE event IN ('paused', 'resumed')") == 2);
}

TEST_CASE("a heartbeat keeps the time of a long link", "[hub][nodes]") {
    World world;
    auto const first = world.field("last_heartbeat_at");

    world.mesh.pass(10min);

    CHECK(world.field("last_heartbeat_at") > first);
    CHECK(world.field("status") == "ready");
    world.mesh.network.unplug("beta.test");
    world.mesh.pass(60s);
    CHECK(world.field("status") == "ready");  // less than three intervals
    CHECK(world.field("liveness") == "stale");
    world.mesh.pass(70s);
    CHECK(world.field("status") == "unreachable");
    world.mesh.network.heal();
    REQUIRE(world.mesh.linked(world.node));
    CHECK(world.field("status") == "ready");
}

TEST_CASE("twenty restarts on a flapping network are one row and no new join", "[hub][nodes]") {
    World world;
    auto const before = world.node.id;
    auto const joins = world.numbered("SELECT count(*) FROM audit");
    for (int round = 0; round < 20; ++round) {
        CAPTURE(round);
        world.mesh.network.cut(round % 2 == 0 ? "beta.test" : "alpha.test");
        world.mesh.stop(world.node);
        if (round % 3 == 0) world.mesh.network.unplug("beta.test");
        world.mesh.start(world.node);
        world.mesh.pass(std::chrono::milliseconds(700 * (round % 5)));
        world.mesh.network.heal();
        CHECK(world.node.id == before);
    }

    REQUIRE(world.mesh.linked(world.node));
    CHECK(world.field("id") == before);
    CHECK(world.field("status") == "ready");
    CHECK(world.numbered("SELECT count(*) FROM nodes WHERE role = 'member'") == 1);
    CHECK(world.numbered("SELECT count(*) FROM audit") == joins);
}

TEST_CASE("a machine of another architecture is not the same node", "[hub][nodes]") {
    World world;
    world.mesh.stop(world.node);
    auto const own = identity::machine_architecture();
    auto const other = own == "arm64" ? "amd64" : "arm64";
    auto const set = [&](std::string const& architecture) {
        auto db = store::Database::open(world.hub.dir.database()).value();
        auto put = db.prepare("UPDATE nodes SET architecture = ?1 WHERE role = 'member'");
        put.bind(1, architecture).run().value();
    };
    set(other);
    world.mesh.start(world.node);

    CHECK_FALSE(world.mesh.linked(world.node, 10s));
    CHECK(world.mesh.status(world.node, "link.last_error").find("architecture_mismatch") !=
          std::string::npos);
    CHECK(world.field("liveness") == "stale");

    set(own);
    CHECK(world.mesh.linked(world.node));
}

TEST_CASE("a removed member loses its link at once and its name is free", "[hub][nodes]") {
    World world;
    REQUIRE(world.ask("DELETE", "/v1/nodes/beta").head.status == 204);

    CHECK(world.mesh.until([&] { return !world.mesh.is_linked(world.node); }, 2s));
    CHECK(world.ask("GET", "/v1/nodes/beta").head.status == 404);
    CHECK(world.ask("DELETE", "/v1/nodes/beta").head.status == 404);
    CHECK(world.ask("POST", "/v1/nodes/beta/cordon").head.status == 404);
    world.mesh.pass(30s);
    CHECK_FALSE(world.mesh.is_linked(world.node));
    CHECK(world.numbered("SELECT count(*) FROM audit WHERE event = 'removed'") == 1);
    auto& other = world.mesh.make_node("beta.other");
    REQUIRE(world.mesh.join(other, world.mesh.make_code(world.hub)).has_value());
    CHECK(world.field("id") == other.id);
}

TEST_CASE("a hub whose disk failed when Root told it of a member lists it when the disk is well",
          "[hub][nodes]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    auto const code = mesh.make_code(hub);
    auto& node = mesh.make_node("beta.test");
    auto disk = store::Database::open(hub.dir.database()).value();
    // An overflow: an error of the store that is no constraint.
    REQUIRE(disk.execute("CREATE TRIGGER broken BEFORE INSERT ON nodes BEGIN "
                         "SELECT abs(-9223372036854775807 - 1); END")
                .has_value());
    REQUIRE(mesh.join(node, code).has_value());
    mesh.pass(20s);
    CHECK(json_at(mesh.local(hub, {"GET", "/v1/nodes/beta"}).value().body, "name").empty());

    REQUIRE(disk.execute("DROP TRIGGER broken").has_value());
    mesh.pass(60s);

    CHECK(json_at(mesh.local(hub, {"GET", "/v1/nodes/beta"}).value().body, "name") == "beta");
}

}  // namespace adaos::nodes_test

// Taking a node out: its link goes at once, and it does not come back by itself.
#include "base/problem.hpp"
#include "store/database.hpp"
#include "support/mesh.hpp"
#include "support/mesh_visitor.hpp"

#include <catch2/catch.hpp>

#include <filesystem>

namespace adaos::removal_test {

using namespace adaos::test;

namespace {

struct RemovalWorld {
    RemovalWorld() : hub(mesh.add_hub("alpha.test")), node(mesh.add_member("beta.test", hub)) {}
    net::Reply remove(std::string const& name = "beta") {
        return mesh.local(hub, {.method = "DELETE", .path = "/v1/nodes/" + name}).value();
    }
    [[nodiscard]] unsigned ping() {
        auto const path = "/hubs/" + hub.subnet_id + "/nodes/" + node.id + "/api/ping";
        return mesh.visit({.path = path}).value().head.status;
    }

    Mesh mesh;
    MeshNode& hub;
    MeshNode& node;
};

}  // namespace

TEST_CASE("a removed member's link is closed within two seconds, and it is told why",
          "[hub][removal]") {
    RemovalWorld w;
    REQUIRE(w.ping() == 200);

    auto const began = w.mesh.timers.now();
    CHECK(w.remove().head.status == 204);

    CHECK(w.ping() == 404);
    CHECK(w.mesh.until([&] { return !w.mesh.is_linked(w.node); }, 2s));
    CHECK(w.mesh.timers.now() - began < 2s);
    CHECK(w.mesh.status(w.node, "cause").find("removed") != std::string::npos);
    CHECK(w.mesh.status(w.node, "link.last_error_id") == "ADAOS-T005");
    CHECK(w.mesh.member(w.hub, w.node.id, "name") == "");
}

TEST_CASE("a removed member stays out, and does not ask again soon", "[hub][removal]") {
    RemovalWorld w;
    w.remove();
    w.mesh.pass(5min);
    CHECK_FALSE(w.mesh.is_linked(w.node));
    CHECK(w.mesh.status(w.node, "link.phase") == "waiting");

    w.mesh.stop(w.node);
    w.mesh.start(w.node);
    w.mesh.pass(1min);

    CHECK_FALSE(w.mesh.is_linked(w.node));
    CHECK(w.mesh.status(w.node, "cause").find("node_revoked") != std::string::npos);
}

TEST_CASE("a removed member is not let in by what Root knows, nor by a replay of its join",
          "[hub][removal]") {
    RemovalWorld w;
    bool const root_away = GENERATE(false, true);
    CAPTURE(root_away);
    if (root_away) w.mesh.stop_root();
    w.remove();
    if (root_away) {
        w.mesh.start_root();
        REQUIRE(w.mesh.linked(w.hub));
    }
    w.mesh.network.cut("alpha.test");
    REQUIRE(w.mesh.linked(w.hub));
    w.mesh.pass(1min);

    auto const replayed = w.mesh.replay_join(w.node);

    CHECK(replayed.head.status == 409);
    CHECK(json_at(replayed.body, "code") == "ADAOS-J005");
    CHECK_FALSE(w.mesh.is_linked(w.node));
}

TEST_CASE("a removed member comes back with a fresh code", "[hub][removal]") {
    RemovalWorld w;
    auto const mode = GENERATE("root", "local");
    CAPTURE(mode);
    w.remove();
    w.mesh.stop(w.node);

    auto const code = w.mesh.make_code(w.hub, mode);
    bool const local = std::string_view(mode) == "local";
    REQUIRE(w.mesh.join(w.node, code, local ? w.hub.url() : Mesh::root_url).has_value());
    w.mesh.start(w.node);

    CHECK(w.mesh.linked(w.node));
    CHECK(w.ping() == 200);
    // And stays, whatever the two tell each other.
    w.mesh.network.cut("alpha.test");
    REQUIRE(w.mesh.linked(w.hub));
    CHECK(w.mesh.linked(w.node));
}

TEST_CASE("only an admin removes, and only members of the subnet", "[hub][removal]") {
    RemovalWorld w;
    auto const token = w.mesh.make_token(w.hub, "operate");
    auto const path = "/hubs/" + w.hub.subnet_id + "/v1/nodes/beta";

    CHECK(w.mesh.visit({.method = "DELETE", .path = path}).value().head.status == 401);
    CHECK(w.mesh.visit({.method = "DELETE", .path = path, .token = token}).value().head.status ==
          403);
    CHECK(w.remove("nobody").head.status == 404);
    CHECK(w.remove("alpha").head.status == 409);  // the hub itself
    CHECK(w.remove(w.node.id).head.status == 400);
    CHECK(w.remove("..%2f").head.status == 404);
    CHECK(w.mesh.is_linked(w.node));
}

TEST_CASE("what is under way on a link that was renewed counts, and breaks off when forced",
          "[hub][removal]") {
    RemovalWorld w;
    auto const token = w.mesh.make_token(w.hub, "view", "365d");
    w.mesh.jump(17 * 24h);  // past half the life of every certificate
    Visitor visitor(w.mesh);
    auto const path = "/hubs/" + w.hub.subnet_id + "/nodes/beta/api/probe/download?bytes=4000000";
    net::Framing const none;
    Ask const ask{.path = path, .token = token};
    w.mesh.run(visitor.client->send_head(head_of(ask), none)).value();
    w.mesh.run(visitor.client->finish(net::Fields())).value();
    REQUIRE(w.mesh.run(visitor.client->read_head()).value().status == 200);
    auto const made_anew = [&] { return w.mesh.status(w.node, "link.connects") != "1"; };
    REQUIRE(w.mesh.until(made_anew, 3min));
    w.mesh.pass(5s);

    auto const refused = w.remove();
    CHECK(refused.head.status == 409);
    CHECK(json_at(refused.body, "details.blocking_resources.relayed_exchanges") == "1");
    CHECK(w.mesh.is_linked(w.node));

    CHECK(w.remove("beta?force=true").head.status == 204);
    std::vector<std::byte> buffer(16 * 1024);
    std::uint64_t got = 0;
    for (;;) {
        auto const n = w.mesh.run(visitor.client->body().read_some(buffer));
        if (!n || *n == 0) break;
        got += *n;
    }
    CHECK(got < 4000000);
    CHECK(w.mesh.until([&] { return !w.mesh.is_linked(w.node); }, 2s));
}

TEST_CASE("a member is removed even when a door has its name", "[hub][removal]") {
    RemovalWorld w;
    auto const* const name = GENERATE("join", "join-tokens");
    auto& node = w.mesh.add_member(std::string(name) + ".test", w.hub);

    CHECK(w.remove(name).head.status == 204);

    CHECK(w.mesh.until([&] { return !w.mesh.is_linked(node); }, 2s));
    CHECK(w.remove(name).head.status == 404);
    CHECK(w.mesh.is_linked(w.node));
}

TEST_CASE("a removal is in the trail of hub and Root, with the name that is free again",
          "[hub][removal]") {
    RemovalWorld w;
    auto const trail = [](std::filesystem::path const& database) {
        auto db = store::Database::open(database).value();
        auto rows = db.prepare("SELECT actor, node_id, detail FROM audit WHERE event = 'removed'");
        std::string out;
        while (rows.step().value())
            out += rows.text(0) + ": " + rows.text(1) + " " + rows.text(2) + "; ";
        return out;
    };

    w.remove();
    w.mesh.pass(2min);  // each report repeats it

    CHECK(trail(w.hub.dir.database()) == "local: " + w.node.id + " beta; ");
    CHECK(trail(w.mesh.root_database()) ==
          "hub of " + w.hub.subnet_id + ": " + w.node.id + " beta; ");
}

TEST_CASE("a removal that meets the member's hello at any point wins", "[hub][removal]") {
    RemovalWorld w;
    for (int turns = 0; turns < 240; turns += 8) {
        CAPTURE(turns);
        w.mesh.stop(w.node);
        w.mesh.begin_start(w.node);
        w.mesh.turn(turns);
        w.remove();
        w.mesh.pass(30s);
        REQUIRE_FALSE(w.mesh.is_linked(w.node));
        w.mesh.stop(w.node);
        REQUIRE(w.mesh.join(w.node, w.mesh.make_code(w.hub)).has_value());
        w.mesh.start(w.node);
        REQUIRE(w.mesh.linked(w.node));
    }
}

TEST_CASE("a hub that is removed at Root loses its link within two seconds, and its codes",
          "[hub][removal]") {
    RemovalWorld w;
    auto const code = w.mesh.make_code(w.hub);
    Ask ask{.method = "DELETE", .path = "/v1/subnets/" + w.hub.subnet_id};
    CHECK(w.mesh.visit(ask).value().head.status == 401);
    ask.fields.add("X-Root-Token", w.mesh.root_token());

    auto const began = w.mesh.timers.now();
    auto const reply = w.mesh.visit(ask).value();

    CHECK(reply.head.status == 200);
    CHECK(json_at(reply.body, "node_id") == w.hub.id);
    CHECK(w.mesh.until([&] { return !w.mesh.is_linked(w.hub); }, 2s));
    CHECK(w.mesh.timers.now() - began < 2s);
    CHECK(w.mesh.status(w.hub, "link.last_error_id") == "ADAOS-T005");
    CHECK(w.ping() == 404);
    auto& late = w.mesh.make_node("late.test");
    CHECK(w.mesh.join(late, code).error().code == Problem::grant_revoked);
    CHECK(w.mesh.visit(ask).value().head.status == 404);
    w.mesh.pass(5min);
    CHECK_FALSE(w.mesh.is_linked(w.hub));

    // Nobody else gets its subnet id; it does, when it registers anew.
    auto& thief = w.mesh.make_node("thief.test");
    CHECK(w.mesh.register_hub(thief, w.hub.subnet_id).error().code == Problem::subnet_taken);
    w.mesh.stop(w.hub);
    REQUIRE(w.mesh.register_hub(w.hub, w.hub.subnet_id).has_value());
    w.mesh.start(w.hub);
    CHECK(w.mesh.linked(w.hub));
    CHECK(w.mesh.linked(w.node));
    CHECK(w.ping() == 200);
}

TEST_CASE("a hub tells Root of a removal until Root has taken it, once per link",
          "[hub][removal]") {
    RemovalWorld w;
    w.remove();
    w.mesh.pass(2s);
    auto db = store::Database::open(w.mesh.root_database()).value();
    auto const is_removed = [&] {
        auto row = db.prepare("SELECT removed_at IS NOT NULL FROM nodes WHERE node_id = ?1");
        row.bind(1, w.node.id);
        return row.step().value() && row.integer(0) == 1;
    };
    REQUIRE(is_removed());

    // A Root that forgot would notice if it were told again.
    db.execute(
          "UPDATE nodes SET removed_at = NULL, updated_at = updated_at - 1 "
          "WHERE removed_at IS NOT NULL")
        .value();
    w.mesh.pass(65s);
    CHECK_FALSE(is_removed());

    w.mesh.network.cut("alpha.test");
    REQUIRE(w.mesh.linked(w.hub));
    w.mesh.pass(2s);
    CHECK(is_removed());
}

}  // namespace adaos::removal_test

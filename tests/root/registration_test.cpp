#include "registry/nodes.hpp"
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

namespace adaos::registration_test {

using namespace adaos::test;

namespace {

constexpr char const* wished = "sn_0123abcd";

std::string token_for(Mesh& mesh, HubPapers const& hub, std::string const& wish) {
    return json_at(mesh.ask_bootstrap(hub, wish).body, "one_time_token");
}

}  // namespace

TEST_CASE("a hub registers with a bootstrap token, and its link comes up", "[root][registration]") {
    Mesh mesh;
    auto& hub = mesh.make_node("alpha.test");

    REQUIRE(mesh.register_hub(hub, wished).has_value());
    mesh.start(hub);

    CHECK(mesh.linked(hub));
    CHECK(mesh.status(hub, "subnet_id") == wished);
    CHECK(mesh.status(hub, "cause") == "null");
    CHECK(mesh.status(hub, "link.upstream") == "https://root.test:8443/ws/hub");
    CHECK(mesh.root_log.has("info hub linked subnet=sn_0123abcd"));
}

TEST_CASE("a hub that runs while it is registered links without a restart",
          "[root][registration]") {
    Mesh mesh;
    auto& hub = mesh.make_node("alpha.test");
    mesh.start(hub);
    mesh.pass(10s);
    CHECK(mesh.status(hub, "connected_to_root") == "null");

    REQUIRE(mesh.register_hub(hub, wished).has_value());

    CHECK(mesh.linked(hub, 2s));
    CHECK(mesh.status(hub, "subnet_id") == wished);
}

TEST_CASE("one of two hubs that wish the same subnet gets it, and the other's token stays good",
          "[root][registration]") {
    Mesh mesh;
    HubPapers const first(mesh.random.uuid()), second(mesh.random.uuid());
    auto const first_token = token_for(mesh, first, wished);
    auto const second_token = token_for(mesh, second, wished);

    auto const got = mesh.ask_register(first, first_token);
    auto const refused = mesh.ask_register(second, second_token);

    CHECK(got.head.status == 201);
    CHECK(json_at(got.body, "subnet_id") == wished);
    CHECK(refused.head.status == 409);
    CHECK(json_at(refused.body, "code") == "ADAOS-J013");
    CHECK(header(refused.head, "Content-Type") == "application/problem+json");
    // A hub that was removed leaves an issuer that could sign members of its subnet.
    auto db = store::Database::open(mesh.root_database()).value();
    registry::Nodes(db).remove(first.node_id, mesh.clock.wall()).value();
    CHECK(mesh.ask_register(second, second_token).head.status == 409);
    // Not spent in vain: it works as soon as the subnet is free.
    REQUIRE(db.execute("DELETE FROM nodes").has_value());
    CHECK(mesh.ask_register(second, second_token).head.status == 201);
    CHECK(mesh.ask_register(second, second_token).head.status == 401);
}

TEST_CASE("a hub that comes again keeps its subnet", "[root][registration]") {
    Mesh mesh;
    HubPapers const hub(mesh.random.uuid());
    auto const first = mesh.ask_register(hub, token_for(mesh, hub, wished));
    REQUIRE(json_at(first.body, "reused") == "false");
    auto const wish = GENERATE(std::string(), std::string(wished));

    auto const again = mesh.ask_register(hub, token_for(mesh, hub, wish));

    CHECK(again.head.status == 201);
    CHECK(json_at(again.body, "reused") == "true");
    CHECK(json_at(again.body, "subnet_id") == wished);
}

TEST_CASE("a hub owns one subnet at a time", "[root][registration]") {
    Mesh mesh;
    HubPapers const hub(mesh.random.uuid());
    REQUIRE(mesh.ask_register(hub, token_for(mesh, hub, wished)).head.status == 201);

    auto const other = mesh.ask_register(hub, token_for(mesh, hub, "sn_ffffffff"));

    CHECK(other.head.status == 409);
    CHECK(json_at(other.body, "code") == "ADAOS-J013");
}

TEST_CASE("a node id that is bound to a key registers with no other", "[root][registration]") {
    Mesh mesh;
    HubPapers const hub(mesh.random.uuid());
    REQUIRE(mesh.ask_register(hub, token_for(mesh, hub, wished)).head.status == 201);
    HubPapers const copy(hub.node_id);

    auto const refused = mesh.ask_register(copy, token_for(mesh, copy, ""));

    CHECK(refused.head.status == 409);
    CHECK(json_at(refused.body, "code") == "ADAOS-T004");
}

TEST_CASE("a bootstrap token counts for the key it was made for, and for ten minutes",
          "[root][registration]") {
    Mesh mesh;
    HubPapers const hub(mesh.random.uuid()), thief(mesh.random.uuid());
    auto const token = token_for(mesh, hub, wished);

    CHECK(mesh.ask_register(thief, token).head.status == 401);
    CHECK(mesh.ask_register(hub, "").head.status == 401);
    mesh.pass(10min - 1s);
    CHECK(mesh.ask_register(hub, token).head.status == 201);

    auto const late = token_for(mesh, hub, wished);
    mesh.pass(10min);
    CHECK(mesh.ask_register(hub, late).head.status == 401);
}

TEST_CASE("no bootstrap token without the root token", "[root][registration]") {
    Mesh mesh;
    test::Ask ask{"POST", "/v1/bootstrap_token"};
    ask.body = R"({"fingerprint":"sha256:)" + std::string(64, 'a') + "\"}";
    auto const given = GENERATE("", "adaos_rt_wrong");
    if (*given != '\0') ask.fields.add("X-Root-Token", given);

    auto const refused = mesh.visit(std::move(ask)).value();

    CHECK(refused.head.status == 401);
    CHECK(json_at(refused.body, "code") == "ADAOS-J011");
}

TEST_CASE("Root knows its subnets after a restart", "[root][registration]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");
    mesh.stop(hub);
    mesh.stop_root();

    mesh.start_root();

    CHECK(mesh.visit({.path = "/hubs/" + hub.subnet_id + "/api/ping"}).value().head.status == 503);
    CHECK(mesh.visit({.path = "/hubs/sn_ffffffff/api/ping"}).value().head.status == 404);
    mesh.start(hub);
    CHECK(mesh.linked(hub));
    CHECK(mesh.visit({.path = "/hubs/" + hub.subnet_id + "/api/ping"}).value().head.status == 200);
}

}  // namespace adaos::registration_test

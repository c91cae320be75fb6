// What a hub may read of Root's audit trail, and who is named in its own.

#include "hub/admin_world.hpp"

#include <catch2/catch.hpp>

namespace adaos::trail_test {

using namespace adaos::test;

TEST_CASE("a hub does not read Root's whole trail, which is of other subnets, too",
          "[hub][audit]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");

    auto const own = mesh.local(hub, {"GET", "/v1/audit", "", ""}).value();
    auto const roots = mesh.local(hub, {"GET", "/v1/audit?authority=root", "", ""}).value();

    CHECK(own.head.status == 200);
    CHECK(roots.head.status == 403);
}

TEST_CASE("an access token is in the trail and on its grants by its id, whatever its name",
          "[hub][audit][access]") {
    AdminWorld world;
    auto const name = GENERATE(std::string("local"), std::string("root-token"));
    auto const made = world.at_hub("POST", "/api/access/tokens",
                                   R"({"scope":"admin","ttl":"1h","name":")" + name + "\"}");
    REQUIRE(made.head.status == 201);
    auto const actor = json_at(made.body, "id") + ":" + name;

    auto const path = "/hubs/" + world.hub.subnet_id + "/v1/enrol/grants";
    Ask order{"POST", path, json_at(made.body, "token"), R"({"kind":"node"})"};
    auto const minted = world.mesh.visit(std::move(order)).value();

    REQUIRE(minted.head.status == 201);
    CHECK(json_at(minted.body, "created_by") == actor);
    auto const trail = world.at_hub("GET", "/v1/audit").body;
    CHECK(json_at(trail, "data.0.event") == "minted");
    CHECK(json_at(trail, "data.0.actor") == actor);
    CHECK(json_at(trail, "data.1.event") == "access_created");
    CHECK(json_at(trail, "data.1.actor") == "local");
}

TEST_CASE("Root's trail names who asked the hub, behind the hub's own id", "[hub][audit]") {
    AdminWorld world;
    auto const made = world.at_hub("POST", "/v1/enrol/grants?authority=root", R"({"kind":"node"})");
    CHECK(json_at(made.body, "created_by") == world.hub.id + "/local");
    auto const id = json_at(made.body, "id");
    CHECK(world.at_hub("DELETE", "/v1/enrol/grants/" + id + "?authority=all").head.status == 200);
    auto const trail = world.at_root("GET", "/v1/audit?grant_id=" + id).body;
    CHECK(json_at(trail, "data.0.event") == "revoked");
    CHECK(json_at(trail, "data.0.actor") == world.hub.id + "/local");
}

TEST_CASE("the longest name of an access token fits into Root's trail behind the hub's id",
          "[hub][audit]") {
    AdminWorld world;
    std::string const name(64, 'n');
    auto const made = world.at_hub("POST", "/api/access/tokens",
                                   R"({"scope":"admin","ttl":"1h","name":")" + name + "\"}");
    REQUIRE(made.head.status == 201);
    auto const path = "/hubs/" + world.hub.subnet_id + "/v1/enrol/grants?authority=root";
    Ask order{"POST", path, json_at(made.body, "token"), R"({"kind":"node"})"};

    auto const minted = world.mesh.visit(std::move(order)).value();

    REQUIRE(minted.head.status == 201);
    CHECK(json_at(minted.body, "created_by") ==
          world.hub.id + "/" + json_at(made.body, "id") + ":" + name);
}

}  // namespace adaos::trail_test

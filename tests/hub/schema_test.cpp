// What answers call themselves.
#include "hub/admin_world.hpp"

namespace adaos::schema_test {

using namespace adaos::test;

TEST_CASE("lists and records of nodes and hosts name their schema", "[hub][grants]") {
    AdminWorld world;
    auto& member = world.mesh.add_member("beta.test", world.hub);
    auto const name = world.mesh.member(world.hub, member.id, "name");

    auto const schema = [&](std::string const& method, std::string const& path) {
        return json_at(world.at_hub(method, path).body, "schema");
    };

    CHECK(schema("GET", "/v1/nodes") == "adaos.nodes/v1");
    CHECK(schema("GET", "/v1/nodes/" + name) == "adaos.node/v1");
    CHECK(schema("POST", "/v1/nodes/" + name + "/cordon") == "adaos.node/v1");
    CHECK(schema("GET", "/api/v1/admin/hosts") == "adaos.hosts/v1");
    CHECK(json_at(world.at_hub("GET", "/v1/nodes").body, "data.0.schema").empty());
}

}  // namespace adaos::schema_test

// A hub goes, with all that its subnet had at Root, whichever of the two commands says so.
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

namespace adaos::hub_removal_test {

using namespace adaos::test;

namespace {

struct World {
    net::Reply ask(std::string method, std::string path) {
        Ask asked{std::move(method), std::move(path)};
        asked.fields.add("X-Root-Token", mesh.root_token());
        return mesh.visit(std::move(asked)).value();
    }
    net::Reply ping() {
        return mesh.run_at_once(mesh.visiting({.path = "/hubs/" + hub.subnet_id + "/api/ping"}))
            .value();
    }

    Mesh mesh;
    MeshNode& hub = mesh.add_hub("alpha.test");
};

enum class Way { node_delete, subnet_remove };

net::Reply remove_hub(World& world, Way way) {
    if (way == Way::subnet_remove) return world.ask("DELETE", "/v1/subnets/" + world.hub.subnet_id);
    auto const row = world.ask("GET", "/api/v1/admin/nodes/" + world.hub.id);
    return world.ask("DELETE", "/v1/nodes/" + json_at(row.body, "name"));
}

}  // namespace

TEST_CASE("a removed hub's address is unknown at once, and its codes let nobody in",
          "[root][removal]") {
    World world;
    auto const way = GENERATE(Way::node_delete, Way::subnet_remove);
    CAPTURE(static_cast<int>(way));
    auto const code = world.mesh.make_code(world.hub);
    REQUIRE(world.ping().head.status == 200);

    auto const reply = remove_hub(world, way);

    CHECK(reply.head.status / 100 == 2);
    auto const unknown = world.ping();
    CHECK(unknown.head.status == 404);
    CHECK(json_at(unknown.body, "code") == "ADAOS-R001");
    CHECK(world.mesh.until([&] { return !world.mesh.is_linked(world.hub); }, 2s));
    CHECK(world.mesh.status(world.hub, "link.last_error_id") == "ADAOS-T005");
    CHECK(world.mesh.join(world.mesh.make_node("late.test"), code).has_error());
    world.mesh.stop_root();
    world.mesh.start_root();
    world.mesh.pass(30s);
    CHECK(world.ping().head.status == 404);
    CHECK_FALSE(world.mesh.is_linked(world.hub));
}

TEST_CASE("a hub that was removed takes its subnet up again when it is registered anew",
          "[root][removal]") {
    World world;
    auto const way = GENERATE(Way::node_delete, Way::subnet_remove);
    CAPTURE(static_cast<int>(way));
    auto const before = world.hub.subnet_id;
    remove_hub(world, way);
    world.mesh.stop(world.hub);

    REQUIRE(world.mesh.register_hub(world.hub, before).has_value());
    CHECK(world.ping().head.status == 503);
    world.mesh.start(world.hub);

    CHECK(world.mesh.linked(world.hub));
    CHECK(world.hub.subnet_id == before);
    CHECK(world.ping().head.status == 200);
}

TEST_CASE("a subnet whose hub is away is removed as well, and only once", "[root][removal]") {
    World world;
    world.mesh.stop(world.hub);
    REQUIRE(world.ping().head.status == 503);

    CHECK(world.ask("DELETE", "/v1/subnets/" + world.hub.subnet_id).head.status == 200);

    CHECK(world.ping().head.status == 404);
    CHECK(world.ask("DELETE", "/v1/subnets/" + world.hub.subnet_id).head.status == 404);
    world.mesh.start(world.hub);
    world.mesh.pass(10s);
    CHECK_FALSE(world.mesh.is_linked(world.hub));
}

}  // namespace adaos::hub_removal_test

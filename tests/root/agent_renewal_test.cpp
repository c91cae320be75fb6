// An agent has no link: it renews over HTTPS, and recovers with its key.
#include "root/agent_world.hpp"

namespace adaos::agent_renewal_test {

using namespace adaos::test;

TEST_CASE("an agent renews its certificate from half of its life on, for the same key",
          "[root][agent]") {
    AgentWorld world;
    world.start();
    auto const first = world.leaf().fingerprint();
    world.mesh.pass(1min);
    INFO(world.log());
    CHECK(world.shown("status") == "ready");
    CHECK(world.leaf().fingerprint() == first);

    for (int month = 0; month < 4; ++month) {
        auto const before = world.leaf().fingerprint();
        world.mesh.jump(16 * 24h);
        INFO(world.log());
        REQUIRE(world.mesh.until([&] { return world.leaf().fingerprint() != before; }, 2min));
        CHECK(world.matches_key());
        CHECK(world.leaf().is_agent());
        world.mesh.pass(1min);
        CHECK(world.shown("status") == "ready");
    }
}

TEST_CASE("an agent that was off past the end of its certificate recovers with its key",
          "[root][agent]") {
    AgentWorld world;
    auto const first = world.leaf().fingerprint();
    world.mesh.jump(60 * 24h);
    world.start();
    REQUIRE(world.mesh.until([&] { return world.leaf().fingerprint() != first; }, 2min));
    world.mesh.pass(1min);
    CHECK(world.shown("status") == "ready");

    world.stop();
    auto const second = world.leaf().fingerprint();
    world.mesh.jump((30 + 91) * 24h);
    world.start();
    world.mesh.pass(5min);
    CHECK(world.leaf().fingerprint() == second);
    CHECK(world.said("certificate ended too long ago to be renewed"));
}

TEST_CASE("a removed agent gets no other certificate", "[root][agent]") {
    AgentWorld world;
    world.start();
    world.mesh.pass(1min);
    CHECK(world.ask({"DELETE", "/v1/nodes/builder"}).head.status == 204);
    auto const first = world.leaf().fingerprint();
    world.mesh.jump(16 * 24h);
    world.mesh.pass(5min);
    CHECK(world.leaf().fingerprint() == first);
}

}  // namespace adaos::agent_renewal_test

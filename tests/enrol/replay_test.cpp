#include "enrol/world.hpp"

namespace adaos::replay_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

TEST_CASE("the same attempt with the same key gets the same certificate again", "[enrol][replay]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    auto const first = world.redeem(World::order(minted.secret, machine));
    REQUIRE(first.has_value());
    auto const facts = world.facts();

    for (auto const later : {0min, 15min, 600min}) {
        world.clock.advance(later);
        auto const again = world.redeem(World::order(minted.secret, machine));

        REQUIRE(again.has_value());
        CHECK(again->replayed);
        CHECK(again->certificate_pem == first->certificate_pem);
        CHECK(again->grant_id == first->grant_id);
        CHECK(again->node.name == first->node.name);
    }
    CHECK(world.facts() == facts);
    CHECK(world.signed_count == 1);
    CHECK(world.last_event().event == "replayed");
}

TEST_CASE("a fresh request by the same key is the same attempt", "[enrol][replay]") {
    World world;
    Machine machine(world.random);
    auto const minted = world.mint();
    REQUIRE(world.redeem(World::order(minted.secret, machine)).has_value());
    machine.csr_pem = pki::make_request(machine.key, "another subject").value();

    CHECK(world.redeem(World::order(minted.secret, machine)).has_value());
}

TEST_CASE("anything else with a used code is used", "[enrol][replay]") {
    World world;
    Machine const machine(world.random);
    Machine const other(world.random);
    auto const minted = world.mint();
    REQUIRE(world.redeem(World::order(minted.secret, machine)).has_value());
    auto const facts = world.facts();
    auto order = World::order(minted.secret, machine);
    SECTION("another attempt") {
        order.attempt_id = "attempt-2";
    }
    SECTION("no attempt") {
        order.attempt_id.clear();
    }
    SECTION("another key") {
        order.csr_pem = other.csr_pem;
    }
    SECTION("another node id") {
        order.node_id = other.node_id;
    }
    SECTION("another machine with the attempt's id") {
        order.csr_pem = other.csr_pem;
        order.node_id = other.node_id;
    }

    auto const done = world.redeem(order);

    check_refused(world, done, Problem::code_used, facts, minted.secret);
    CHECK(world.last_event().grant_id == minted.id);
}

TEST_CASE("without an attempt id nothing may repeat", "[enrol][replay]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    REQUIRE(world.redeem(World::order(minted.secret, machine, "")).has_value());

    CHECK(world.redeem(World::order(minted.secret, machine, "")).error().code ==
          Problem::code_used);
}

TEST_CASE("the node's first hello ends the replay", "[enrol][replay]") {
    World world;
    Machine const machine(world.random);
    Machine const other(world.random);
    auto const minted = world.mint();
    REQUIRE(world.redeem(World::order(minted.secret, machine)).has_value());

    REQUIRE(world.grants.seal(other.node_id).has_value());
    CHECK(world.redeem(World::order(minted.secret, machine)).has_value());

    REQUIRE(world.grants.seal(machine.node_id).has_value());
    CHECK(world.last_event().event == "sealed");
    auto const facts = world.facts();
    check_refused(world, world.redeem(World::order(minted.secret, machine)), Problem::code_used,
                  facts, minted.secret);

    auto const events = world.number("SELECT count(*) FROM audit");
    REQUIRE(world.grants.seal(machine.node_id).has_value());  // every later hello: no write
    CHECK(world.number("SELECT count(*) FROM audit") == events);
}

TEST_CASE("removing its node ends the replay of a used code, revoking comes too late",
          "[enrol][replay]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    REQUIRE(world.redeem(World::order(minted.secret, machine)).has_value());
    CHECK(world.grants.revoke(minted.id, "owner").error().code == Problem::grant_ended);
    registry::Nodes nodes(world.db);
    REQUIRE(nodes.remove(machine.node_id, world.clock.wall()).has_value());

    CHECK(world.redeem(World::order(minted.secret, machine)).error().code == Problem::code_used);
}

TEST_CASE("at another subnet's hub a repeated attempt is unknown", "[enrol][replay]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    REQUIRE(world.redeem(World::order(minted.secret, machine)).has_value());
    auto order = World::order(minted.secret, machine);
    order.subnet_id = subnet_b;

    CHECK(world.redeem(order).error().code == Problem::code_unknown);
}

TEST_CASE("a grant of any kind repeats its answer to the same attempt until the first hello",
          "[enrol][replay]") {
    auto const kind = GENERATE(Kind::member, Kind::node, Kind::host, Kind::bootstrap);
    CAPTURE(policy_of(kind).word);
    World world;
    Machine const machine(world.random);
    auto const mint = [&] {
        MintOrder order;
        order.kind = kind;
        order.subnet_id = subnet_a;
        order.max_uses = 1;
        if (kind == Kind::bootstrap) order.node_id = world.random.uuid();
        return world.grants.mint(order).value();
    };
    auto const order_of = [&](Minted const& grant, std::string attempt) {
        auto order = World::order(grant.secret, machine, std::move(attempt));
        order.kind = kind;
        if (kind != Kind::member) order.node_id.clear();
        if (kind == Kind::node) order.node_name = "node-1";
        return order;
    };
    auto const spent = kind == Kind::member ? Problem::code_used : Problem::grant_spent;
    auto const grant = mint();
    auto const first = world.redeem(order_of(grant, "attempt-1"));
    REQUIRE(first.has_value());

    // A machine whose power was away is answered when it is back, however long that took: the ten
    // minutes of spec V8 would leave it out (docs/protocol/join.md, Replay).
    for (auto const later : {0ms, 599'999ms, 1ms, 1ms, 86'400'000ms}) {
        world.clock.advance(later);
        auto const again = world.redeem(order_of(grant, "attempt-1"));
        REQUIRE(again.has_value());
        CHECK(again->replayed);
        CHECK(again->certificate_pem == first->certificate_pem);
        CHECK(again->node.node_id == first->node.node_id);
    }
    CHECK(world.redeem(order_of(grant, "")).error().code == spent);
    CHECK(world.redeem(order_of(grant, "attempt-2")).error().code == spent);
    CHECK(world.grants.find(grant.id).value()->uses == 1);
    CHECK(world.signed_count == 1);

    REQUIRE(world.grants.seal(first->node.node_id).has_value());
    CHECK(world.redeem(order_of(grant, "attempt-1")).error().code == spent);
    CHECK(world.grants.find(grant.id).value()->uses == 1);
}

}  // namespace adaos::replay_test

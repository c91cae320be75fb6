/// When a grant of each kind is good: from a minute before it was made until its last millisecond,
/// never after, and a clock that goes back revives nothing.

#include "enrol/world.hpp"

namespace adaos::life_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

/// Every kind that lets a machine in.
Kind any_kind() {
    return GENERATE(Kind::member, Kind::node, Kind::host, Kind::bootstrap);
}

struct Life : World {
    Minted mint_kind(Kind kind, std::optional<std::chrono::seconds> ttl = {}) {
        MintOrder order;
        order.kind = kind;
        order.subnet_id = subnet_a;
        order.ttl = ttl;
        order.max_uses = 1;
        order.created_by = "test";
        if (kind == Kind::bootstrap) order.node_id = random.uuid();
        auto minted = grants.mint(order);
        REQUIRE(minted.has_value());
        return *minted;
    }
    Result<Redeemed> use(Kind kind, Minted const& grant) {
        Machine const machine(random);
        auto order = World::order(grant.secret, machine);
        order.kind = kind;
        if (kind != Kind::member) order.node_id.clear();
        if (kind == Kind::node) order.node_name = "node-1";
        return redeem(order);
    }
    void check_expired(Kind kind, Minted const& grant) {
        auto const before = facts();
        auto const why = kind == Kind::member ? Problem::code_expired : Problem::grant_expired;
        check_refused(*this, use(kind, grant), why, before, grant.secret);
        CHECK(last_event().grant_id == grant.id);
    }
};

}  // namespace

TEST_CASE("a grant of any kind is good until the millisecond before its life ends",
          "[enrol][life]") {
    auto const kind = any_kind();
    auto const& policy = policy_of(kind);
    auto const ttl = GENERATE_COPY(policy.least_life, policy.usual_life, policy.most_life);
    CAPTURE(policy.word, ttl.count());
    Life world;
    auto const in_time = world.mint_kind(kind, ttl);
    auto const late = world.mint_kind(kind, ttl);

    world.clock.advance(ttl - 1ms);
    CHECK(world.grants.find(late.id).value()->state == "live");
    CHECK(world.use(kind, in_time).has_value());
    world.clock.advance(1ms);
    CHECK(world.grants.find(late.id).value()->state == "expired");
    world.check_expired(kind, late);
}

TEST_CASE("a life that was clamped ends at its bound, not at what was asked", "[enrol][life]") {
    auto const kind = any_kind();
    auto const& policy = policy_of(kind);
    CAPTURE(policy.word);
    Life world;
    auto const longer = world.mint_kind(kind, policy.most_life + 24h);
    REQUIRE(longer.is_clamped);
    world.clock.advance(policy.most_life);
    world.check_expired(kind, longer);

    auto const shorter = world.mint_kind(kind, 1s);
    REQUIRE(shorter.is_clamped);
    world.clock.advance(policy.least_life - 1s);
    CHECK(world.use(kind, shorter).has_value());
}

TEST_CASE("a clock that goes back before a grant was made refuses it until it is right again",
          "[enrol][life]") {
    auto const kind = any_kind();
    CAPTURE(policy_of(kind).word);
    Life world;
    auto const minted = world.mint_kind(kind);
    world.clock.set_wall(minted.created_at - 60'001ms);
    world.check_expired(kind, minted);
    world.clock.set_wall(minted.created_at - 60'000ms);
    CHECK(world.use(kind, minted).has_value());
}

TEST_CASE("an expired grant is good again for nobody who sets the clock back before its making",
          "[enrol][life]") {
    auto const kind = any_kind();
    CAPTURE(policy_of(kind).word);
    Life world;
    auto const minted = world.mint_kind(kind);
    world.clock.set_wall(minted.expires_at);
    world.check_expired(kind, minted);
    world.clock.set_wall(minted.created_at - 24h);
    world.check_expired(kind, minted);
}

TEST_CASE("the reads of a bootstrap token end with its life", "[enrol][life][fetch]") {
    Life world;
    auto const minted = world.mint_kind(Kind::bootstrap);
    world.clock.set_wall(minted.expires_at - 1ms);
    CHECK(world.grants.fetch(minted.secret, "script", "192.0.2.9").has_value());
    world.clock.set_wall(minted.expires_at);
    CHECK(world.grants.fetch(minted.secret, "script", "192.0.2.9").error().code ==
          Problem::grant_expired);
    world.clock.set_wall(minted.created_at - 60'001ms);
    CHECK(world.grants.fetch(minted.secret, "script", "192.0.2.9").error().code ==
          Problem::grant_expired);
    CHECK(world.grants.find(minted.id).value()->fetches == 1);
}

}  // namespace adaos::life_test

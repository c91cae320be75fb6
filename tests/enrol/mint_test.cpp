#include "enrol/join_code.hpp"
#include "enrol/world.hpp"

#include <algorithm>

namespace adaos::mint_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

MintOrder member_order() {
    MintOrder order;
    order.subnet_id = subnet_a;
    order.created_by = "test";
    return order;
}

/// The same bytes again and again: every draw is the same code.
class StuckRandom final : public Random {
public:
    void fill(std::span<std::byte> out) override { std::ranges::fill(out, std::byte{1}); }
};

/// Random ids, but the first `stuck` codes drawn after `jam` are all the same.
class JammedRandom final : public Random {
public:
    void fill(std::span<std::byte> out) override {
        if (out.size() == 16 || left_ <= 0) return other_.fill(out);  // a UUID, or no jam
        --left_;
        std::ranges::fill(out, std::byte{3});
    }
    void jam(int codes) { left_ = codes * 8; }

private:
    SeededRandom other_{3};
    int left_ = 0;
};

}  // namespace

TEST_CASE("a minted code lives from now for its ttl and is shown in halves", "[enrol][mint]") {
    World world;

    auto const minted = world.mint(15min);

    CHECK(minted.created_at == world.clock.wall());
    CHECK(minted.expires_at == world.clock.wall() + 15min);
    CHECK(minted.display == display_code(minted.secret));
    auto const rows = world.grants.list();
    REQUIRE(rows.has_value());
    REQUIRE(rows->size() == 1);
    CHECK(rows->front().id == minted.id);
    CHECK(rows->front().kind == "member");
    CHECK(rows->front().state == "live");
    CHECK(rows->front().slot == code_slot(minted.secret));
    CHECK(world.last_event().event == "minted");
}

TEST_CASE("a code has 8, 10 or 12 symbols", "[enrol][mint]") {
    World world;
    auto order = member_order();
    auto const [length, fine] = GENERATE(table<int, bool>(
        {{7, false}, {8, true}, {9, false}, {10, true}, {11, false}, {12, true}, {13, false}}));
    CAPTURE(length);
    order.length = length;

    auto const minted = world.grants.mint(order);

    REQUIRE(minted.has_value() == fine);
    if (fine) CHECK(minted->secret.reveal().size() == static_cast<std::size_t>(length));
    if (!fine) CHECK(minted.error().code == Problem::invalid_field);
}

TEST_CASE("a code is minted for a subnet only", "[enrol][mint]") {
    World world;
    auto order = member_order();
    order.subnet_id = GENERATE("", "sn_1", "SN_0000000a", "sn_0000000g");

    CHECK(world.grants.mint(order).error().code == Problem::invalid_field);
}

TEST_CASE("minting without a 32 byte MAC key is refused", "[enrol][mint]") {
    World world;
    world.mac_key.pop_back();

    CHECK(world.grants.mint(member_order()).error().code == Problem::internal);
}

TEST_CASE("a code that is already in the store is drawn again, up to eight times",
          "[enrol][mint]") {
    World world;
    JammedRandom random;
    Grants grants(world.db, world.mac_key, world.clock, random);
    random.jam(1);
    auto const first = grants.mint(member_order());
    REQUIRE(first.has_value());
    auto const [jammed, fine] = GENERATE(table<int, bool>({{1, true}, {7, true}, {8, false}}));
    CAPTURE(jammed);
    random.jam(jammed);

    auto const second = grants.mint(member_order());

    REQUIRE(second.has_value() == fine);
    if (fine) CHECK(second->secret.reveal() != first->secret.reveal());
    if (!fine) CHECK(second.error().code == Problem::internal);
    CHECK(world.number("SELECT count(*) FROM grants") == (fine ? 2 : 1));
    CHECK(world.number("SELECT count(*) FROM audit") == (fine ? 2 : 1));
}

TEST_CASE("a broken source of randomness ends minting instead of looping", "[enrol][mint]") {
    World world;
    StuckRandom random;
    Grants grants(world.db, world.mac_key, world.clock, random);
    REQUIRE(grants.mint(member_order()).has_value());

    CHECK(grants.mint(member_order()).has_error());
}

TEST_CASE("expired, used and revoked grants stay listed with their state", "[enrol][mint]") {
    World world;
    Machine const machine(world.random);
    auto const used = world.mint(1min);
    auto const expired = world.mint(1min);
    auto const revoked = world.mint(60min);
    auto const live = world.mint(60min);
    auto const done = world.redeem(World::order(used.secret, machine));
    REQUIRE(done.has_value());
    REQUIRE(world.grants.revoke(revoked.id, "owner").has_value());
    world.clock.advance(1min);

    auto const rows = world.grants.list();

    REQUIRE(rows.has_value());
    REQUIRE(rows->size() == 4);
    CHECK(rows->at(0).state == "live");
    CHECK(rows->at(1).state == "revoked");
    CHECK(rows->at(2).state == "expired");
    CHECK(rows->at(3).state == "exhausted");
    CHECK(rows->at(3).used_by == machine.node_id);
    CHECK(rows->at(3).used_at == done->node.created_at);
}

TEST_CASE("revoking is written down once and an unknown grant is not found", "[enrol][mint]") {
    World world;
    auto const minted = world.mint();

    REQUIRE(world.grants.revoke(minted.id, "owner").has_value());
    REQUIRE(world.grants.revoke(minted.id, "other").has_value());

    CHECK(world.number("SELECT count(*) FROM audit WHERE event = 'revoked'") == 1);
    CHECK(world.last_event().actor == "owner");
    CHECK(world.grants.revoke("no such", "owner").error().code == Problem::not_found);
}

}  // namespace adaos::mint_test

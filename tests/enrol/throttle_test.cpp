#include "enrol/throttle.hpp"
#include "enrol/join_code.hpp"
#include "enrol/slots.hpp"
#include "enrol/world.hpp"
#include "support/temp_dir.hpp"

#include <map>
#include <set>

namespace adaos::throttle_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;
using adaos::test::TempDir;

namespace {

/// A code that is not `code`, in another slot.
Secret wrong_code(Secret const& code, int i) {
    auto text = code.reveal();
    text[0] = text[0] == 'A' ? 'B' : 'A';
    text[6] = code_alphabet[static_cast<std::size_t>(i % 32)];
    text[7] = code_alphabet[static_cast<std::size_t>(i / 32 % 32)];
    return Secret(text);
}

}  // namespace

TEST_CASE("ten thousand wrong codes from one address are limited, another address joins at once",
          "[enrol][throttle]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    int judged = 0;
    int told_to_wait = 0;
    for (int i = 0; i < 10'000; ++i) {
        auto order = World::order(wrong_code(minted.secret, i), machine);
        order.source = "198.51.100.1";
        auto const done = world.redeem(order);
        REQUIRE(done.has_error());
        if (done.error().code == Problem::code_throttled) {
            CHECK(done.error().retry_after_seconds >= 1);
            ++told_to_wait;
        } else {
            ++judged;
        }
        world.clock.advance(10ms);
    }
    CHECK(judged <= 5 + 100);  // the burst, and one a second
    CHECK(judged >= 100);
    CHECK(judged + told_to_wait == 10'000);

    auto order = World::order(minted.secret, machine);
    order.source = "203.0.113.5";
    CHECK(world.redeem(order).has_value());
}

TEST_CASE("many addresses fill the bucket of all, and a clean one still joins",
          "[enrol][throttle]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    for (int i = 0; i < 200; ++i) {
        auto order = World::order(wrong_code(minted.secret, i), machine);
        order.source = "198.51.100." + std::to_string(i);
        CHECK(world.redeem(order).error().code == Problem::code_unknown);
    }
    auto order = World::order(wrong_code(minted.secret, 1), machine);
    order.source = "198.51.100.1";
    CHECK(world.redeem(order).error().code == Problem::code_throttled);

    order = World::order(minted.secret, machine);
    order.source = "203.0.113.5";
    CHECK(world.redeem(order).has_value());
}

TEST_CASE("a restart forgives no failure", "[enrol][throttle]") {
    TempDir const folder;
    auto const path = folder.path() / "state.db";
    SECTION("of an address") {
        {
            World world(path);
            for (int i = 0; i < 5; ++i)
                REQUIRE(Throttle(world.db, world.clock).charge("192.0.2.1").has_value());
        }
        World world(path);
        CHECK(world.grants.may_try("192.0.2.1").error().code == Problem::code_throttled);
        world.clock.advance(1s);
        CHECK(world.grants.may_try("192.0.2.1").has_value());
    }
    SECTION("of a slot") {
        {
            World world(path);
            for (int i = 0; i < 4; ++i)
                REQUIRE(charge_slot(world.db, "AB", world.clock.wall()).has_value());
        }
        World world(path);
        CHECK(charge_slot(world.db, "AB", world.clock.wall()).value() == 5);
    }
}

TEST_CASE("a guess that a dead process left open has failed, and only once", "[enrol][throttle]") {
    TempDir const folder;
    auto const path = folder.path() / "state.db";
    std::string grant_id;
    {
        World world(path);
        grant_id = world.mint().id;
        for (int i = 0; i < 6; ++i) {
            auto const slot = "A" + std::to_string(i);
            auto const run = "run-" + std::to_string(i);
            REQUIRE(world.grants.charge_proof({run, slot, grant_id, "192.0.2.1"}).has_value());
        }
        REQUIRE(world.grants.close_proof("run-0").has_value());  // the sixth was right
        CHECK(world.grants.may_try("192.0.2.1").has_value());
    }
    World world(path);
    for (int start = 0; start < 2; ++start) {
        REQUIRE(world.grants.fail_open_proofs().has_value());
        CHECK(world.number("SELECT count(*) FROM audit WHERE event = 'rejected'") == 5);
    }
    REQUIRE(world.grants.proof_failed("run-1").has_value());
    CHECK(world.number("SELECT count(*) FROM audit WHERE event = 'rejected'") == 5);

    CHECK(world.grants.may_try("192.0.2.1").error().code == Problem::code_throttled);
    CHECK(world.grants.may_try("192.0.2.2").has_value());
}

TEST_CASE("an address pays for all the wrong guesses that it had open at once",
          "[enrol][throttle][limit]") {
    World world;
    for (int i = 0; i < source_depth; ++i) {
        auto const name = std::to_string(i);
        REQUIRE(world.grants.charge_proof({name, "S" + name, "", "192.0.2.1"}).has_value());
    }
    REQUIRE(world.grants.fail_open_proofs().has_value());

    auto const wait = Throttle(world.db, world.clock).wait("192.0.2.1").value();
    REQUIRE(wait);
    CHECK(*wait == std::chrono::seconds(source_depth - source_burst + 1));
}

TEST_CASE("the fifth wrong code of a slot burns the code in it", "[enrol][throttle]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    for (int i = 0; i < 5; ++i) {
        auto text = minted.secret.reveal();
        text[7] = text[7] == 'A' ? 'B' : 'A';
        auto order = World::order(Secret(text), machine);
        order.source = "192.0.2." + std::to_string(i);
        CHECK(world.redeem(order).error().code == Problem::code_unknown);
        CHECK(world.grants.find(minted.id).value()->state == (i < 4 ? "live" : "revoked"));
    }

    CHECK(world.redeem(World::order(minted.secret, machine)).error().code ==
          Problem::grant_revoked);
    CHECK(world.number("SELECT count(*) FROM audit WHERE event = 'burned'") == 1);
    CHECK(world.grants.find(minted.id).value()->revoked_by == "guessing");
}

TEST_CASE("the right code wipes out the wrong tries on its slot", "[enrol][throttle]") {
    World world;
    auto const minted = world.mint();
    auto const slot = code_slot(minted.secret);
    for (int i = 0; i < 4; ++i)
        REQUIRE(charge_slot(world.db, slot, world.clock.wall()).has_value());

    REQUIRE(world.redeem(World::order(minted.secret, Machine(world.random))).has_value());

    CHECK(tries_on(world.db, slot).value() == 0);
}

TEST_CASE("live codes never share a slot, and a crowded length gives way to the next",
          "[enrol][mint][slots]") {
    World world;
    std::set<std::string> slots;
    std::map<std::size_t, int> lengths;
    for (int i = 0; i < 300; ++i) {
        auto const minted = world.mint(60min);
        CHECK(slots.insert(code_slot(minted.secret)).second);
        ++lengths[minted.secret.reveal().size()];
    }
    CHECK(lengths[8] == 256);  // a quarter of 32 x 32
    CHECK(lengths[10] == 44);
}

TEST_CASE("failures are counted by IPv4 address and by IPv6 /64", "[enrol][throttle]") {
    CHECK(throttle_source("192.0.2.1") == "192.0.2.1");
    CHECK(throttle_source("::ffff:192.0.2.1") == "192.0.2.1");
    CHECK(throttle_source("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
    CHECK(throttle_source("2001:db8:1:2::1") == "2001:db8:1:2::/64");
    CHECK(throttle_source("fe80::1%eth0") == "fe80::/64");
    CHECK(throttle_source("") == "?");
}

}  // namespace adaos::throttle_test

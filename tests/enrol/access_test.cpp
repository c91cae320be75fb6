#include "enrol/access.hpp"

#include "enrol/world.hpp"

namespace adaos::access_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

TEST_CASE("an access token is shown once and checked by its hash", "[enrol][access]") {
    World world;
    Access access(world.db, world.clock, world.random);

    auto const created = access.create("laptop", Scope::operate, 1h, "local");

    REQUIRE(created.has_value());
    CHECK(created->secret.reveal().starts_with("adaos_at_"));
    CHECK(created->secret.reveal().size() == 9 + 43);
    auto const found = access.check(created->secret.reveal());
    REQUIRE(found.has_value());
    REQUIRE(found->has_value());
    CHECK((*found)->id == created->token.id);
    CHECK((*found)->name == "laptop");
    CHECK((*found)->scope == Scope::operate);
    CHECK((*found)->expires_at == world.clock.wall() + 1h);
    CHECK(world.last_event().event == "access_created");
    CHECK(world.number("SELECT count(*) FROM access_tokens WHERE instr(secret_hash, 'adaos')") ==
          0);
}

TEST_CASE("an unknown, expired or revoked access token is simply not there", "[enrol][access]") {
    World world;
    Access access(world.db, world.clock, world.random);
    auto const created = access.create("laptop", Scope::view, 60s, "local").value();
    std::string presented = created.secret.reveal();
    bool valid = false;
    SECTION("unknown") {
        presented.back() = presented.back() == 'A' ? 'B' : 'A';
    }
    SECTION("cut") {
        presented.pop_back();
    }
    SECTION("longer") {
        presented += "A";
    }
    SECTION("of another kind") {
        presented = world.mint_hub().secret.reveal();
    }
    SECTION("empty") {
        presented.clear();
    }
    SECTION("the millisecond before it expires") {
        world.clock.advance(60s - 1ms);
        valid = true;
    }
    SECTION("expired") {
        world.clock.advance(60s);
    }
    SECTION("made in the clock's future") {
        world.clock.set_wall(created.token.created_at - 61s);
    }
    SECTION("revoked") {
        REQUIRE(access.revoke(created.token.id, "local").has_value());
        CHECK(world.last_event().event == "access_revoked");
    }

    auto const found = access.check(presented);

    REQUIRE(found.has_value());
    CHECK(found->has_value() == valid);
}

TEST_CASE("an access token lives a minute to 366 days", "[enrol][access]") {
    World world;
    Access access(world.db, world.clock, world.random);
    auto const [ttl, fine] = GENERATE(table<std::chrono::seconds, bool>(
        {{59s, false}, {60s, true}, {366 * 24h, true}, {366 * 24h + 1s, false}}));
    CAPTURE(ttl.count());

    auto const created = access.create("laptop", Scope::view, ttl, "local");

    CHECK(created.has_value() == fine);
    if (!fine) CHECK(created.error().code == Problem::invalid_field);
}

TEST_CASE("an access token's name has 1 to 64 printable bytes", "[enrol][access]") {
    World world;
    Access access(world.db, world.clock, world.random);

    CHECK(access.create(std::string(64, 'x'), Scope::view, 1h, "local").has_value());
    for (auto const& name : {std::string(), std::string(65, 'x'), std::string("a\x1b[2J")})
        CHECK(access.create(name, Scope::view, 1h, "local").error().code == Problem::invalid_field);
}

TEST_CASE("access tokens are listed newest first, revoked ones too", "[enrol][access]") {
    World world;
    Access access(world.db, world.clock, world.random);
    auto const first = access.create("first", Scope::view, 1h, "local").value();
    auto const second = access.create("second", Scope::admin, 1h, "local").value();
    REQUIRE(access.revoke(first.token.id, "local").has_value());
    REQUIRE(access.revoke(first.token.id, "local").has_value());

    auto const tokens = access.list();

    REQUIRE(tokens.has_value());
    REQUIRE(tokens->size() == 2);
    CHECK(tokens->at(0).id == second.token.id);
    CHECK_FALSE(tokens->at(0).revoked_at);
    CHECK(tokens->at(1).revoked_at == world.clock.wall());
    CHECK(world.number("SELECT count(*) FROM audit WHERE event = 'access_revoked'") == 1);
    CHECK(access.revoke("no such", "local").error().code == Problem::not_found);
}

TEST_CASE("scopes have names, and nothing else is one", "[enrol][access]") {
    for (auto const scope : {Scope::view, Scope::developer, Scope::operate, Scope::admin})
        CHECK(parse_scope(scope_name(scope)) == scope);
    CHECK(parse_scope("viewer") == Scope::view);
    CHECK(parse_scope("operator") == Scope::operate);
    CHECK(Scope::view < Scope::developer);
    CHECK(Scope::developer < Scope::operate);
    CHECK(Scope::operate < Scope::admin);
    for (auto const* text : {"", "View", "admin ", "root"}) CHECK_FALSE(parse_scope(text));
}

TEST_CASE("durations are a number and a unit", "[enrol][access]") {
    CHECK(parse_duration("30d").value() == 30 * 24h);
    CHECK(parse_duration("12h").value() == 12h);
    CHECK(parse_duration("15m").value() == 15min);
    CHECK(parse_duration("90s").value() == 90s);
    CHECK(parse_duration("0s").value() == 0s);
    CHECK(parse_duration("999999999d").value() == 999'999'999 * 24h);
    for (auto const* text : {"", "d", "15", "-1s", "+1s", "1.5h", "1 h", "h1", "1w", "1hh", " 1h",
                             "1000000000s", "99999999999999999999d"}) {
        CAPTURE(text);
        CHECK(parse_duration(text).error().code == Problem::invalid_field);
    }
}

}  // namespace adaos::access_test

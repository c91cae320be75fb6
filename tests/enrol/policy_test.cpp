#include "enrol/kinds.hpp"
#include "enrol/world.hpp"

namespace adaos::policy_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

MintOrder order_of(World& world, Kind kind) {
    MintOrder order;
    order.kind = kind;
    order.subnet_id = subnet_a;
    order.created_by = "test";
    if (kind == Kind::bootstrap) order.node_id = world.random.uuid();
    return order;
}

}  // namespace

TEST_CASE("a life outside a kind's bounds becomes the nearer bound and says so",
          "[enrol][mint][policy]") {
    auto const kind = GENERATE(Kind::member, Kind::node, Kind::host, Kind::bootstrap, Kind::hub);
    auto const& policy = policy_of(kind);
    CAPTURE(policy.word);
    World world;
    struct Row {
        std::chrono::seconds asked, given;
    };
    for (auto const& [asked, given] :
         {Row{policy.least_life - 1s, policy.least_life}, Row{policy.least_life, policy.least_life},
          Row{policy.most_life, policy.most_life}, Row{policy.most_life + 1s, policy.most_life}}) {
        CAPTURE(asked.count());
        auto order = order_of(world, kind);
        order.ttl = asked;
        auto const minted = world.grants.mint(order);
        REQUIRE(minted.has_value());
        CHECK(minted->expires_at - minted->created_at == given);
        CHECK(minted->is_clamped == (asked != given));
        CHECK(world.grants.find(minted->id).value()->is_clamped == (asked != given));

        order.is_strict = true;
        auto const strict = world.grants.mint(order);
        CHECK(strict.has_value() == (asked == given));
        if (asked != given) CHECK(strict.error().code == Problem::invalid_field);
    }
    auto order = order_of(world, kind);
    CHECK(world.grants.mint(order)->expires_at - world.clock.wall() == policy.usual_life);
    for (auto const none : {0s, -1s}) {
        order.ttl = none;
        CHECK(world.grants.mint(order).error().code == Problem::invalid_field);
    }
}

TEST_CASE("only node tokens have more than one use, and a bound one never has",
          "[enrol][mint][policy]") {
    World world;
    auto order = order_of(world, Kind::node);
    CHECK_FALSE(world.grants.mint(order)->max_uses.has_value());
    order.max_uses = 0;
    CHECK_FALSE(world.grants.mint(order)->max_uses.has_value());
    order.max_uses = 7;
    CHECK(world.grants.mint(order)->max_uses == 7);
    order.node_name = "node-1";
    CHECK(world.grants.mint(order)->max_uses == 1);
    order.max_uses = -1;
    CHECK(world.grants.mint(order).error().code == Problem::invalid_field);
    for (auto const kind : {Kind::member, Kind::host, Kind::hub}) {
        auto single = order_of(world, kind);
        CHECK(world.grants.mint(single)->max_uses == 1);
        single.max_uses = 2;
        CHECK(world.grants.mint(single).error().code == Problem::invalid_field);
    }
}

TEST_CASE("a node name is a lower-case label", "[enrol][mint][policy]") {
    World world;
    auto order = order_of(world, Kind::node);
    for (auto const* name : {"Bad_Name", "a.b", "a/b", "-x", "x-", "NODE1", "a b", "\xc3\xa4"}) {
        order.node_name = name;
        CAPTURE(name);
        CHECK(world.grants.mint(order).error().code == Problem::invalid_field);
    }
    order.node_name = std::string(64, 'a');
    CHECK(world.grants.mint(order).has_error());
    order.node_name = std::string(63, 'a');
    CHECK(world.grants.mint(order).has_value());
}

TEST_CASE("each kind of token has its own prefix and 32 random bytes", "[enrol][policy]") {
    SeededRandom random{1};
    for (auto const kind : {Kind::node, Kind::host, Kind::bootstrap, Kind::hub}) {
        auto const token = make_token(kind, random).reveal();
        CHECK(token.size() == policy_of(kind).prefix.size() + 43);
        for (auto const other : {Kind::member, Kind::node, Kind::host, Kind::bootstrap, Kind::hub})
            CHECK(is_token_of(other, token) == (other == kind));
        CHECK_FALSE(is_token_of(kind, token + "A"));
        CHECK_FALSE(is_token_of(kind, token.substr(1)));
        CHECK_FALSE(is_token_of(kind, token.substr(0, token.size() - 1) + "+"));
        CHECK(parse_kind(policy_of(kind).word) == kind);
    }
    CHECK(make_token(Kind::node, random).reveal().size() == 52);  // what its users expect
}

TEST_CASE("a new bootstrap token for a node ends the one before", "[enrol][mint]") {
    World world;
    auto order = order_of(world, Kind::bootstrap);
    auto const first = world.grants.mint(order);
    auto const second = world.grants.mint(order);
    auto const other = world.grants.mint(order_of(world, Kind::bootstrap));
    REQUIRE((first && second && other));

    CHECK(world.grants.find(first->id).value()->state == "superseded");
    CHECK(world.grants.find(first->id).value()->superseded_by == second->id);
    CHECK(world.grants.fetch(first->secret, "script", "").error().code == Problem::grant_revoked);
    CHECK(world.grants.fetch(second->secret, "script", "").has_value());
    CHECK(world.grants.find(other->id).value()->state == "live");
    CHECK(world.number("SELECT count(*) FROM audit WHERE event = 'superseded'") == 1);
}

TEST_CASE("a bootstrap token gives five reads, each on record", "[enrol][fetch]") {
    World world;
    auto const minted = world.grants.mint(order_of(world, Kind::bootstrap));
    REQUIRE(minted.has_value());
    for (int i = 1; i <= 5; ++i) {
        auto const row = world.grants.fetch(minted->secret, "script", "192.0.2.9");
        REQUIRE(row.has_value());
        CHECK(row->fetches == i);
        CHECK(row->state == "live");
    }

    auto const sixth = world.grants.fetch(minted->secret, "script", "192.0.2.9");

    REQUIRE(sixth.has_error());
    CHECK(sixth.error().code == Problem::grant_spent);
    CHECK(sixth.error().context.find("its 5 reads are used") != std::string::npos);
    CHECK(world.number("SELECT count(*) FROM audit WHERE event = 'fetched'") == 5);
    CHECK(world.last_event().event == "rejected");
    CHECK(world.last_event().grant_id == minted->id);
    CHECK(world.grants.fetch(Secret("adaos_boot_x"), "script", "").error().code ==
          Problem::token_unknown);
}

}  // namespace adaos::policy_test

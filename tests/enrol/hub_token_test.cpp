#include "enrol/world.hpp"

namespace adaos::hub_token_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

std::string const spki(64, 'a');

}  // namespace

TEST_CASE("a bootstrap token gives back its claims once", "[enrol][bootstrap]") {
    World world;
    auto const minted = world.mint_hub(spki);
    CHECK(minted.secret.reveal().starts_with("adaos_bt_"));
    CHECK(minted.secret.reveal().size() == 9 + 43);
    CHECK(minted.display == minted.secret.reveal());

    auto const claims = world.redeem_hub(minted.secret, spki, "192.0.2.7");

    REQUIRE(claims.has_value());
    CHECK(*claims == R"({"subnet_id":"sn_0000000a"})");
    CHECK(world.last_event().event == "redeemed");
    CHECK(world.last_event().node_id == hub_id);
    CHECK(world.grants.list().value().front().state == "exhausted");
    auto const again = world.redeem_hub(minted.secret, spki, "192.0.2.7");
    REQUIRE(again.has_error());
    CHECK(again.error().code == Problem::bootstrap_token_wrong);
    CHECK(world.last_event().event == "rejected");
    CHECK(world.last_event().grant_id == minted.id);
}

TEST_CASE("a bootstrap token lives 600 seconds", "[enrol][bootstrap]") {
    World world;
    auto const minted = world.mint_hub();
    CHECK(minted.expires_at == minted.created_at + 600s);
    auto const late = GENERATE(-1ms, 0ms);
    world.clock.advance(600s + late);

    auto const claims = world.redeem_hub(minted.secret, spki, "");

    CHECK(claims.has_value() == (late < 0ms));
    if (late == 0ms) CHECK(claims.error().code == Problem::bootstrap_token_wrong);
}

TEST_CASE("a bootstrap token bound to a key is refused to another and stays live",
          "[enrol][bootstrap]") {
    World world;
    auto const minted = world.mint_hub(std::string(64, 'A'));

    auto const stolen = world.redeem_hub(minted.secret, std::string(64, 'b'), "");

    REQUIRE(stolen.has_error());
    CHECK(stolen.error().code == Problem::bootstrap_token_wrong);
    CHECK(world.redeem_hub(minted.secret, spki, "").has_value());
}

TEST_CASE("a wrong, revoked or foreign secret is no bootstrap token", "[enrol][bootstrap]") {
    World world;
    auto const code = world.mint();
    auto const revoked = world.mint_hub();
    REQUIRE(world.grants.revoke(revoked.id, "owner").has_value());

    for (auto const& secret : {Secret(), Secret("adaos_bt_x"), code.secret, revoked.secret}) {
        auto const claims = world.redeem_hub(secret, spki, "192.0.2.7");
        REQUIRE(claims.has_error());
        CHECK(claims.error().code == Problem::bootstrap_token_wrong);
        CHECK(world.last_event().event == "rejected");
    }
    CHECK(world.grants.list().value().back().state == "live");
}

TEST_CASE("a bootstrap token whose use fails is not spent, and the refusal is on record",
          "[enrol][bootstrap]") {
    World world;
    auto const minted = world.mint_hub();
    auto const fails = [&](std::string_view) -> Result<std::string> {
        registry::Node node;
        node.node_id = world.random.uuid();
        node.subnet_id = subnet_a;
        node.role = "hub";
        node.spki_sha256 = spki;
        node.issued_by = "root";
        node.created_at = node.updated_at = world.clock.wall();
        REQUIRE(registry::Nodes(world.db).admit(node).has_value());
        return Error(Problem::subnet_taken, subnet_a);
    };

    auto const done = world.grants.redeem_hub(minted.secret, spki, "192.0.2.7", fails);

    REQUIRE(done.has_error());
    CHECK(done.error().code == Problem::subnet_taken);
    CHECK(registry::Nodes(world.db).list(subnet_a).value().empty());
    CHECK(world.last_event().event == "rejected");
    CHECK(world.last_event().detail == "subnet-taken");
    CHECK(world.redeem_hub(minted.secret, spki, "192.0.2.7").has_value());
}

TEST_CASE("a bootstrap token is no join code", "[enrol][bootstrap]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint_hub();

    CHECK(world.redeem(World::order(minted.secret, machine)).error().code ==
          Problem::code_malformed);
}

TEST_CASE("a bootstrap token is bound to 64 hex digits or to nothing", "[enrol][bootstrap]") {
    World world;
    MintOrder order;
    order.kind = Kind::hub;
    order.key = GENERATE(std::string(63, 'a'), std::string(64, 'g'), std::string(66, 'a'),
                         std::string("sha256:") + std::string(64, 'a'));

    CHECK(world.grants.mint(order).error().code == Problem::invalid_field);
}

}  // namespace adaos::hub_token_test

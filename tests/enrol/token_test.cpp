#include "enrol/refusals.hpp"
#include "enrol/world.hpp"

namespace adaos::token_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

struct Tokens : World {
    Minted mint_node(std::string name = {}, std::optional<std::int64_t> uses = std::nullopt) {
        MintOrder order;
        order.kind = Kind::node;
        order.subnet_id = subnet_a;
        order.node_name = std::move(name);
        order.max_uses = uses;
        order.created_by = "admin";
        return grants.mint(order).value();
    }
    RedeemOrder ask(Secret const& token, Machine const& machine, std::string name,
                    std::string attempt = {}) {
        RedeemOrder o;
        o.kind = Kind::node;
        o.secret = token;
        o.node_name = std::move(name);
        o.arch = "amd64";
        o.csr_pem = machine.csr_pem;
        o.attempt_id = std::move(attempt);
        o.source = "192.0.2.7";
        return o;
    }
};

}  // namespace

TEST_CASE("a node token with three uses admits three nodes and no fourth", "[enrol][token]") {
    Tokens world;
    auto const minted = world.mint_node("", 3);
    for (int i = 1; i <= 3; ++i) {
        Machine const machine(world.random);
        auto const done =
            world.redeem(world.ask(minted.secret, machine, "node-" + std::to_string(i)));
        REQUIRE(done.has_value());
        CHECK(done->node.name == "node-" + std::to_string(i));
        CHECK_FALSE(done->node.node_id.empty());
    }
    auto const facts = world.facts();

    auto const fourth = world.redeem(world.ask(minted.secret, Machine(world.random), "node-4"));

    check_refused(world, fourth, Problem::grant_spent, facts, minted.secret);
    auto const uses = world.grants.redemptions(minted.id).value();
    REQUIRE(uses.size() == 3);
    CHECK(uses.front().source == "192.0.2.7");
    auto const page = world.grants.redemptions(minted.id, uses[0].id, 1).value();
    REQUIRE(page.size() == 1);
    CHECK(page[0].id == uses[1].id);
    CHECK(world.grants.redemptions("no such").error().code == Problem::not_found);
    CHECK(world.grants.redemptions(world.mint_node().id).value().empty());
}

TEST_CASE("a token bound to a name admits that name only, and a wrong one costs nothing",
          "[enrol][token]") {
    Tokens world;
    Machine const machine(world.random);
    auto const minted = world.mint_node("node-1");
    auto const facts = world.facts();

    auto const wrong = world.redeem(world.ask(minted.secret, machine, "node-2"));

    check_refused(world, wrong, Problem::grant_bound, facts, minted.secret);
    CHECK(wrong.error().context == "node_name");
    CHECK(world.redeem(world.ask(minted.secret, machine, "node-1")).has_value());
}

TEST_CASE("a fleet token takes nobody's name, its holder's key or a token for the name does",
          "[enrol][token]") {
    Tokens world;
    Machine const holder(world.random);
    Machine const other(world.random);
    auto const fleet = world.mint_node();
    auto const first = world.redeem(world.ask(fleet.secret, holder, "node-1"));
    REQUIRE(first.has_value());

    auto const taken = world.redeem(world.ask(fleet.secret, other, "node-1"));
    REQUIRE(taken.has_error());
    CHECK(taken.error().code == Problem::name_taken);

    auto const again = world.redeem(world.ask(fleet.secret, holder, "node-1"));
    REQUIRE(again.has_value());
    CHECK(again->node.node_id == first->node.node_id);

    auto const bound = world.mint_node("node-1");
    auto const moved = world.redeem(world.ask(bound.secret, other, "node-1"));
    REQUIRE(moved.has_value());
    CHECK(moved->node.node_id == first->node.node_id);
    CHECK(moved->node.spki_sha256 == other.spki());
    CHECK(world.number("SELECT count(*) FROM nodes") == 1);
    CHECK(world.number("SELECT count(*) FROM audit WHERE event = 'credential_revoked'") == 1);
}

TEST_CASE("a repeated attempt of a token has its answer again and costs no use", "[enrol][token]") {
    Tokens world;
    Machine const machine(world.random);
    Machine const other(world.random);
    auto const minted = world.mint_node("", 2);
    auto const first = world.redeem(world.ask(minted.secret, machine, "node-1", "attempt"));
    REQUIRE(first.has_value());

    auto const again = world.redeem(world.ask(minted.secret, machine, "node-1", "attempt"));
    REQUIRE(again.has_value());
    CHECK(again->replayed);
    CHECK(again->certificate_pem == first->certificate_pem);
    CHECK(world.grants.find(minted.id).value()->uses == 1);

    auto const changed = world.redeem(world.ask(minted.secret, other, "node-1", "attempt"));
    REQUIRE(changed.has_error());
    CHECK(changed.error().code == Problem::attempt_conflict);

    REQUIRE(world.grants.seal(first->node.node_id).has_value());
    auto const late = world.redeem(world.ask(minted.secret, machine, "node-1", "attempt"));
    REQUIRE(late.has_error());
    CHECK(late.error().code == Problem::grant_spent);
}

TEST_CASE("a grant is unknown at every other kind's door", "[enrol][token]") {
    Tokens world;
    Machine const machine(world.random);
    struct Made {
        Kind kind;
        Minted grant;
    };
    std::vector<Made> made;
    for (auto const kind : {Kind::member, Kind::node, Kind::host, Kind::bootstrap}) {
        MintOrder order;
        order.kind = kind;
        order.subnet_id = subnet_a;
        if (kind == Kind::bootstrap) order.node_id = world.random.uuid();
        made.push_back({kind, world.grants.mint(order).value()});
    }
    for (auto const& [kind, grant] : made) {
        for (auto const door : {Kind::member, Kind::node, Kind::host, Kind::bootstrap}) {
            if (door == kind) continue;
            world.clock.advance(61s);  // wrong secrets are throttled
            auto order = World::order(grant.secret, machine);
            order.kind = door;
            auto const done = world.redeem(order);
            REQUIRE(done.has_error());
            auto const code = done.error().code;
            CHECK((code == Problem::code_unknown || code == Problem::code_malformed ||
                   code == Problem::token_unknown));
        }
        CHECK(world.redeem_hub(grant.secret, machine.spki(), "192.0.2.99").has_error());
        CHECK(world.grants.find(grant.id).value()->uses == 0);
    }
    CHECK(world.number("SELECT count(*) FROM nodes") == 0);
}

TEST_CASE("an invite for a payout key admits nobody else's", "[enrol][token][claims]") {
    Tokens world;
    Machine const machine(world.random);
    MintOrder mint;
    mint.kind = Kind::host;
    mint.subnet_id = subnet_a;
    mint.claims_json = R"({"payout_pubkey":"So1"})";
    auto const minted = world.grants.mint(mint).value();
    auto order = World::order(minted.secret, machine);
    order.kind = Kind::host;
    auto const facts = world.facts();
    for (auto const* claims : {"", "{}", R"({"payout_pubkey":"So2"})"}) {
        order.claims_json = claims;
        check_refused(world, world.redeem(order), Problem::claim_mismatch, facts, minted.secret);
    }
    order.claims_json = R"({"payout_pubkey":7})";
    CHECK(world.redeem(order).error().code == Problem::invalid_field);

    order.claims_json = R"({"payout_pubkey":"So1","rack":"4"})";
    CHECK(world.redeem(order).has_value());
}

TEST_CASE("a revoked token is dead at once, an ended one has nothing to revoke", "[enrol][token]") {
    Tokens world;
    auto const partly = world.mint_node("", 2);
    auto const spent = world.mint_node("", 1);
    auto const old = world.mint_node("", 1);
    REQUIRE(world.redeem(world.ask(partly.secret, Machine(world.random), "a")).has_value());
    REQUIRE(world.redeem(world.ask(spent.secret, Machine(world.random), "b")).has_value());

    CHECK(world.grants.revoke(partly.id, "admin").has_value());
    CHECK(world.grants.revoke(partly.id, "admin").has_value());
    CHECK(world.redeem(world.ask(partly.secret, Machine(world.random), "c")).error().code ==
          Problem::grant_revoked);
    CHECK(world.grants.revoke(spent.id, "admin").error().code == Problem::grant_ended);
    world.clock.advance(1h);
    CHECK(world.grants.revoke(old.id, "admin").error().code == Problem::grant_ended);
}

TEST_CASE("grants are listed by kind and state, page by page", "[enrol][list]") {
    Tokens world;
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i) ids.push_back(world.mint_node("", 1).id);
    (void)world.mint();
    REQUIRE(world.grants.revoke(ids[2], "admin").has_value());
    GrantFilter filter;
    filter.kind = Kind::node;
    filter.with_dead = false;
    filter.limit = 3;

    auto const page = world.grants.list(filter).value();
    REQUIRE(page.size() == 3);
    CHECK(page[0].id == ids[4]);
    CHECK(page[2].id == ids[1]);
    filter.after_id = page[2].id;
    auto const rest = world.grants.list(filter).value();
    REQUIRE(rest.size() == 1);
    CHECK(rest[0].id == ids[0]);
    filter.after_id = "no such";
    CHECK(world.grants.list(filter).error().code == Problem::invalid_field);
    CHECK(world.grants.list().value().size() == 6);
    GrantFilter revoked;
    revoked.state = "revoked";
    CHECK(world.grants.list(revoked).value().at(0).id == ids[2]);
}

TEST_CASE("a used grant is listed until its time is over", "[enrol][list]") {
    Tokens world;
    auto const minted = world.mint_node("", 1);
    REQUIRE(world.redeem(world.ask(minted.secret, Machine(world.random), "a")).has_value());
    GrantFilter filter;
    filter.with_dead = false;

    auto const listed = world.grants.list(filter).value();
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].state == "exhausted");
    world.clock.advance(2h);
    CHECK(world.grants.list(filter).value().empty());
}

TEST_CASE("who sends a dead token again and again makes one row a minute", "[enrol][token]") {
    Tokens world;
    auto const minted = world.mint_node("", 1);
    REQUIRE(world.redeem(world.ask(minted.secret, Machine(world.random), "first")).has_value());
    auto const rejected = [&] {
        return world.number("SELECT count(*) FROM audit WHERE event = 'rejected'");
    };
    int counted = 0;
    auto const again = [&](char const* source) {
        auto order = world.ask(minted.secret, Machine(world.random), "late");
        order.source = source;
        order.unjudged = [&](Error const&) { ++counted; };
        CHECK(world.redeem(std::move(order)).error().code == Problem::grant_spent);
    };

    for (int i = 0; i < 100; ++i) again("192.0.2.1");
    CHECK(rejected() == 1);
    CHECK(counted == 99);
    again("192.0.2.2");
    CHECK(rejected() == 2);  // another one
    world.clock.advance(refusal_window);
    again("192.0.2.1");
    CHECK(rejected() == 3);
}

TEST_CASE("a key that is let in under one name gets no certificate for another one",
          "[enrol][token]") {
    Tokens world;
    auto const fleet = world.mint_node();
    Machine const first(world.random);
    Machine const other(world.random);
    auto const admitted = world.redeem(world.ask(fleet.secret, first, "victim1"));
    REQUIRE(admitted.has_value());
    auto const facts = world.facts();

    auto const renamed = world.redeem(world.ask(fleet.secret, first, "other9"));
    auto const taken = world.redeem(world.ask(fleet.secret, other, "victim1"));

    CHECK(renamed.error().code == Problem::join_conflict);
    CHECK(renamed.error().context.find("victim1") != std::string::npos);
    CHECK(taken.error().code == Problem::name_taken);
    CHECK(world.facts() == facts);
    CHECK(world.redeem(world.ask(fleet.secret, first, "victim1")).has_value());

    // Nor by a token for that name.
    auto const bound = world.mint_node("new-name", 1);
    CHECK(world.redeem(world.ask(bound.secret, first, "new-name")).error().code ==
          Problem::join_conflict);
}

TEST_CASE("a bootstrap token admits its node under the name that was registered",
          "[enrol][token]") {
    Tokens world;
    auto const node_id =
        world
            .redeem(world.ask(world.mint_node("rack-7", 1).secret, Machine(world.random), "rack-7"))
            ->node.node_id;
    MintOrder order;
    order.kind = Kind::bootstrap;
    order.subnet_id = subnet_a;
    order.node_id = node_id;
    order.created_by = "admin";
    auto const minted = world.grants.mint(order).value();
    auto const redeem = [&](std::string name) {
        auto asked = world.ask(minted.secret, Machine(world.random), std::move(name));
        asked.kind = Kind::bootstrap;
        return world.redeem(std::move(asked));
    };

    CHECK(redeem("wrong").error().code == Problem::grant_bound);
    auto const done = redeem("");

    REQUIRE(done.has_value());
    CHECK(done->node.node_id == node_id);
    CHECK(done->node.name == "rack-7");
}

TEST_CASE("what a live token is refused for is a row each time", "[enrol][token]") {
    Tokens world;
    auto const bound = world.mint_node("mine", 1);
    for (auto const* const name : {"xx", "yy", "zz"})
        CHECK(world.redeem(world.ask(bound.secret, Machine(world.random), name)).error().code ==
              Problem::grant_bound);
    CHECK(world.number("SELECT count(*) FROM audit WHERE event = 'rejected'") == 3);
}

}  // namespace adaos::token_test

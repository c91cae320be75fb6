/// What a grant is bound to: another is refused and costs nothing, and the right one is let in
/// afterwards.

#include "enrol/world.hpp"

#include <functional>

namespace adaos::binding_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

constexpr char const* right_id = "11111111-1111-4111-8111-111111111111";
constexpr char const* wrong_id = "22222222-2222-4222-8222-222222222222";

/// One binding: how it is minted, what is right and what is wrong, and how that is called.
struct Binding {
    char const* name;
    Kind kind;
    std::function<void(MintOrder&)> bind;
    std::function<void(RedeemOrder&)> right, wrong;
    Problem why;
};

Binding const bindings[]{
    {"a node token's name", Kind::node, [](MintOrder& o) { o.node_name = "node-1"; },
     [](RedeemOrder& o) { o.node_name = "node-1"; }, [](RedeemOrder& o) { o.node_name = "node-2"; },
     Problem::grant_bound},
    {"a node token's node id", Kind::node, [](MintOrder& o) { o.node_id = right_id; },
     [](RedeemOrder& o) { o.node_id = right_id; }, [](RedeemOrder& o) { o.node_id = wrong_id; },
     Problem::grant_bound},
    {"a node token's architecture", Kind::node, [](MintOrder& o) { o.arch = "arm64"; },
     [](RedeemOrder& o) { o.arch = "arm64"; }, [](RedeemOrder& o) { o.arch = "amd64"; },
     Problem::grant_bound},
    {"a bootstrap token's node id", Kind::bootstrap, [](MintOrder& o) { o.node_id = right_id; },
     [](RedeemOrder& o) { o.node_id = right_id; }, [](RedeemOrder& o) { o.node_id = wrong_id; },
     Problem::grant_bound},
    {"an invite's payout key", Kind::host,
     [](MintOrder& o) { o.claims_json = R"({"payout_pubkey":"So1"})"; },
     [](RedeemOrder& o) { o.claims_json = R"({"payout_pubkey":"So1"})"; },
     [](RedeemOrder& o) { o.claims_json = R"({"payout_pubkey":"So2"})"; }, Problem::claim_mismatch},
    {"a code's subnet", Kind::member, [](MintOrder&) {},
     [](RedeemOrder& o) { o.subnet_id = subnet_a; }, [](RedeemOrder& o) { o.subnet_id = subnet_b; },
     Problem::code_unknown},
};

}  // namespace

TEST_CASE(
    "another than the one a grant is for is refused and costs nothing, then the right one "
    "is let in",
    "[enrol][binding]") {
    for (auto const& binding : bindings) {
        CAPTURE(binding.name);
        World world;
        Machine const machine(world.random);
        MintOrder mint;
        mint.kind = binding.kind;
        mint.subnet_id = subnet_a;
        mint.created_by = "test";
        mint.max_uses = 1;
        binding.bind(mint);
        auto const minted = world.grants.mint(mint);
        REQUIRE(minted.has_value());
        auto order = World::order(minted->secret, machine);
        order.kind = binding.kind;
        if (binding.kind != Kind::member) order.node_id.clear();
        auto const facts = world.facts();

        auto wrong = order;
        binding.wrong(wrong);
        for (int i = 0; i < 3; ++i)
            check_refused(world, world.redeem(wrong), binding.why, facts, minted->secret);
        CHECK(world.grants.find(minted->id).value()->state == "live");
        CHECK(world.signed_count == 0);

        binding.right(order);
        CHECK(world.redeem(order).has_value());
        CHECK(world.grants.find(minted->id).value()->uses == 1);
    }
}

}  // namespace adaos::binding_test

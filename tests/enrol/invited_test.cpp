// A node that is in the inventory before it ever speaks, and its bootstrap token.
#include "enrol/world.hpp"
#include "registry/inventory.hpp"

namespace adaos::invited_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

registry::Node invite_node(World& world) {
    registry::InventoryItem item;
    item.node_id = world.random.uuid();
    item.subnet_id = subnet_a;
    item.host = "rack-7.example.org";
    item.created_at = world.clock.wall();
    item.created_by = "test";
    auto node = registry::NodeInventory(world.db).add(item);
    REQUIRE(node.has_value());
    return *node;
}

Minted mint_bootstrap(World& world, std::string node_id) {
    MintOrder order;
    order.kind = Kind::bootstrap;
    order.subnet_id = subnet_a;
    order.node_id = std::move(node_id);
    order.alloc_json = R"({"mode":"manual"})";
    order.created_by = "test";
    auto minted = world.grants.mint(order);
    REQUIRE(minted.has_value());
    return *minted;
}

RedeemOrder order_of(Secret const& token, Machine const& machine) {
    RedeemOrder order;
    order.kind = Kind::bootstrap;
    order.secret = token;
    order.csr_pem = machine.csr_pem;
    order.arch = "arm64";
    order.source = "192.0.2.7";
    return order;
}

}  // namespace

TEST_CASE("a bootstrap token makes an invited node a pending one with a key and its own name",
          "[enrol][invited]") {
    World world;
    auto const invited = invite_node(world);
    auto const minted = mint_bootstrap(world, invited.node_id);
    Machine const machine(world.random);

    auto const done = world.redeem(order_of(minted.secret, machine));

    REQUIRE(done.has_value());
    CHECK(done->node.node_id == invited.node_id);
    CHECK(done->node.name == "rack-7");
    CHECK(done->node.enrolment == registry::Enrolment::pending);
    CHECK(done->node.spki_sha256 == machine.spki());
    CHECK(done->node.inventory.architecture == "arm64");
    CHECK(done->alloc_json == R"({"mode":"manual"})");
    CHECK(world.number("SELECT count(*) FROM audit WHERE event = 'credential_revoked'") == 0);
    CHECK(registry::Nodes(world.db).changed_since(subnet_a, WallTime{}, 10)->size() == 1);
}

TEST_CASE("a read with a bootstrap token tells what was reserved for its node",
          "[enrol][invited]") {
    World world;
    auto const invited = invite_node(world);
    auto const minted = mint_bootstrap(world, invited.node_id);

    auto const row = world.grants.fetch(minted.secret, "script", "192.0.2.7");

    REQUIRE(row.has_value());
    CHECK(row->node_id == invited.node_id);
    CHECK(row->alloc_json == R"({"mode":"manual"})");
}

TEST_CASE("what should commit with a mint or a redemption undoes it when it fails",
          "[enrol][invited]") {
    World world;
    auto const invited = invite_node(world);
    MintOrder mint;
    mint.kind = Kind::bootstrap;
    mint.subnet_id = subnet_a;
    mint.node_id = invited.node_id;
    mint.along = [](store::Database&, Minted const&) -> Result<void> {
        return Error(Problem::invalid_field, "along");
    };
    CHECK(world.grants.mint(mint).error().code == Problem::invalid_field);
    CHECK(world.number("SELECT count(*) FROM grants") == 0);
    auto const minted = mint_bootstrap(world, invited.node_id);
    Machine const machine(world.random);
    auto const facts = world.facts();
    auto order = order_of(minted.secret, machine);
    order.along = [](store::Database&, Redeemed const&) -> Result<void> {
        return Error(Problem::invalid_field, "along");
    };

    check_refused(world, world.redeem(order), Problem::invalid_field, facts, minted.secret);

    auto const still = registry::Nodes(world.db).find(invited.node_id).value();
    CHECK(still->enrolment == registry::Enrolment::invited);
    CHECK(world.redeem(order_of(minted.secret, machine)).has_value());
}

}  // namespace adaos::invited_test

#include "registry/inventory.hpp"

#include "base/problem.hpp"

#include <catch2/catch.hpp>

namespace adaos::inventory_test {

using namespace adaos::registry;

namespace {

constexpr char const* subnet = "sn_0000000a";
WallTime const start = from_millis(1'767'225'600'000);

store::Database open_store() {
    auto db = store::Database::open(":memory:");
    REQUIRE(db.has_value());
    REQUIRE(db->migrate(schema()).has_value());
    return std::move(*db);
}

InventoryItem make_item(int number, std::string host) {
    InventoryItem item;
    item.node_id = "00000000-0000-4000-8000-00000000000" + std::to_string(number);
    item.subnet_id = subnet;
    item.host = std::move(host);
    item.sku = "h100-8";
    item.region = "eu-1";
    item.onboarding_mode = "maas";
    item.created_at = start;
    item.created_by = "test";
    return item;
}

}  // namespace

TEST_CASE("a node in the inventory is invited, named after its host and without a key",
          "[registry][inventory]") {
    auto db = open_store();
    NodeInventory inventory(db);

    auto const node = inventory.add(make_item(1, "Rack_7.example.org"));

    REQUIRE(node.has_value());
    CHECK(node->enrolment == Enrolment::invited);
    CHECK(node->name == "rack-7");
    CHECK(node->hostname == "Rack_7.example.org");
    CHECK(node->spki_sha256.empty());
    CHECK(words(axes_of(*node, false), start).status == "pending");
    auto const item = inventory.find(node->node_id).value();
    REQUIRE(item.has_value());
    CHECK(item->sku == "h100-8");
    CHECK(item->onboarding_mode == "maas");
}

TEST_CASE("an invited node is not heard, has no link and is not told to hubs",
          "[registry][inventory]") {
    auto db = open_store();
    auto const node = NodeInventory(db).add(make_item(1, "rack-7")).value();
    Nodes nodes(db);

    CHECK(nodes.heartbeat(node.node_id, {}, start).error().code == Problem::node_state);
    CHECK(nodes.changed_since(subnet, WallTime{}, 10)->empty());
    CHECK_FALSE(nodes.find_by_key(subnet, std::string(64, 'a'))->has_value());
    CHECK(nodes.list(subnet)->size() == 1);
}

TEST_CASE("an inventory takes an id and a name once", "[registry][inventory]") {
    auto db = open_store();
    NodeInventory inventory(db);
    REQUIRE(inventory.add(make_item(1, "rack-7")).has_value());

    CHECK(inventory.add(make_item(1, "rack-8")).error().code == Problem::name_taken);
    CHECK(inventory.add(make_item(2, "rack-7")).error().code == Problem::name_taken);
}

TEST_CASE("an inventory takes no item that is not plain text", "[registry][inventory]") {
    auto db = open_store();
    NodeInventory inventory(db);
    auto item = make_item(1, "rack-7");
    auto const change = GENERATE(0, 1, 2, 3, 4, 5, 6);
    CAPTURE(change);
    if (change == 0) item.host = "";
    if (change == 1) item.host = "a\nb";
    if (change == 2) item.name = "$(x)";
    if (change == 3) item.sku = std::string(65, 'x');
    if (change == 4) item.onboarding_mode = "by post";
    if (change == 5) item.node_id = "1";
    if (change == 6) item.subnet_id = "x";

    CHECK(inventory.add(item).error().code == Problem::invalid_field);
    CHECK_FALSE(inventory.find(item.node_id)->has_value());
}

}  // namespace adaos::inventory_test

#include "registry/nodes.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"

#include <catch2/catch.hpp>

#include <chrono>

namespace adaos::nodes_test {

using namespace adaos::registry;
using namespace std::chrono_literals;

namespace {

constexpr char const* subnet = "sn_0000000a";
WallTime const start = from_millis(1'767'225'600'000);

struct Desk {
    store::Database db = open();
    Nodes nodes{db};

    static store::Database open() {
        auto db = store::Database::open(":memory:");
        REQUIRE(db.has_value());
        REQUIRE(db->migrate(schema()).has_value());
        return std::move(*db);
    }
};

std::string id(int number) {
    auto const digits = std::to_string(number);
    return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

Node make_node(int number, std::string name = {}) {
    Node n;
    n.node_id = id(number);
    n.subnet_id = subnet;
    n.role = "member";
    n.name = std::move(name);
    n.hostname = "Edge.Box";
    n.spki_sha256 = std::string(64, 'a');
    n.issued_by = "root";
    n.created_at = start;
    n.updated_at = start;
    return n;
}

Problem problem_of(Error const& e) {
    return static_cast<Problem>(e.code.value());
}

}  // namespace

TEST_CASE("the schema is applied once and again changes nothing", "[registry]") {
    Desk desk;
    REQUIRE_FALSE(schema().empty());

    CHECK(desk.db.migrate(schema()).has_value());
    CHECK(desk.nodes.list(subnet).value().empty());
}

TEST_CASE("an admitted node is found as it was stored", "[registry]") {
    Desk desk;
    auto node = make_node(1, "box");
    node.zone = "eu";
    node.first_hello_at = start + 1ms;
    node.last_seen_at = start + 2ms;

    auto const stored = desk.nodes.admit(node);

    REQUIRE(stored.has_value());
    auto const found = desk.nodes.find(id(1)).value();
    REQUIRE(found);
    CHECK(found->node_id == id(1));
    CHECK(found->subnet_id == subnet);
    CHECK(found->role == "member");
    CHECK(found->name == "box");
    CHECK(found->hostname == "Edge.Box");
    CHECK(found->zone == "eu");
    CHECK(found->spki_sha256 == std::string(64, 'a'));
    CHECK(found->issued_by == "root");
    CHECK(found->created_at == start);
    CHECK(found->updated_at == start);
    CHECK(found->first_hello_at == start + 1ms);
    CHECK(found->last_seen_at == start + 2ms);
    CHECK_FALSE(found->removed_at);
    CHECK_FALSE(desk.nodes.find(id(2)).value());
}

TEST_CASE("a node without a name gets one from its host name, unique in its subnet",
          "[registry][names]") {
    Desk desk;
    auto elsewhere = make_node(9);
    elsewhere.subnet_id = "sn_0000000b";

    CHECK(desk.nodes.admit(make_node(1))->name == "edge-box");
    CHECK(desk.nodes.admit(make_node(2))->name == "edge-box-2");
    CHECK(desk.nodes.admit(make_node(3, "edge-box"))->name == "edge-box-3");
    CHECK(desk.nodes.admit(elsewhere)->name == "edge-box");
}

TEST_CASE("past 99 nodes of one name the node id tells them apart", "[registry][names]") {
    Desk desk;
    for (int i = 1; i <= 99; ++i) REQUIRE(desk.nodes.admit(make_node(i)).has_value());
    CHECK(desk.nodes.find(id(99)).value()->name == "edge-box-99");

    CHECK(desk.nodes.admit(make_node(100))->name == "edge-box-00000000");
    CHECK(desk.nodes.admit(make_node(101)).error().code == Problem::invalid_field);
}

TEST_CASE("a suffix never makes a name longer than 40 bytes", "[registry][names]") {
    Desk desk;
    std::string const longest(40, 'x');

    CHECK(desk.nodes.admit(make_node(1, longest))->name == longest);
    CHECK(desk.nodes.admit(make_node(2, longest))->name == std::string(38, 'x') + "-2");
}

TEST_CASE("no name has the form of a node id", "[registry][names]") {
    Desk desk;
    auto by_host = make_node(1);
    by_host.hostname = to_lower(id(7));
    auto by_name = make_node(2, id(8));

    CHECK(desk.nodes.admit(by_host)->name == "n-" + id(7));
    CHECK(desk.nodes.admit(by_name)->name == "n-" + id(8));
}

TEST_CASE("a host name becomes a node name", "[registry][names]") {
    auto const [host, name] = GENERATE(
        table<std::string, std::string>({{"", "node"},
                                         {"---", "node"},
                                         {"\xe6\x97\xa5\xe6\x9c\xac", "node"},
                                         {"Edge-01.lan", "edge-01-lan"},
                                         {"_x", "_x"},
                                         {"-a-", "a"},
                                         {".local", "local"},
                                         {"a b/c", "a-b-c"},
                                         {std::string(41, 'y'), std::string(40, 'y')},
                                         {std::string(39, 'y') + "-z", std::string(39, 'y')}}));
    CAPTURE(host);

    CHECK(name_from_hostname(host) == name);
    CHECK(is_node_name(name_from_hostname(host)));
}

TEST_CASE("the same id and key update the row, but name, creation and first hello stay",
          "[registry]") {
    Desk desk;
    REQUIRE(desk.nodes.admit(make_node(1, "box")).has_value());
    REQUIRE(desk.nodes.seen(id(1), start + 1s).has_value());
    auto again = make_node(1);
    again.hostname = "other";
    again.zone = "ru";
    again.created_at = start + 2s;
    again.updated_at = start + 2s;

    auto const stored = desk.nodes.admit(again);

    REQUIRE(stored.has_value());
    CHECK(stored->name == "box");
    CHECK(stored->hostname == "other");
    CHECK(stored->zone == "ru");
    CHECK(stored->created_at == start);
    CHECK(stored->updated_at == start + 2s);
    CHECK(stored->first_hello_at == start + 1s);
    CHECK(stored->last_seen_at == start + 1s);
    CHECK(desk.nodes.list(subnet)->size() == 1);
}

TEST_CASE("an older row changes nothing, in whatever order rows arrive", "[registry]") {
    Desk desk;
    auto newer = make_node(1, "new");
    newer.updated_at = start + 1ms;
    REQUIRE(desk.nodes.admit(newer).has_value());

    auto const stored = desk.nodes.admit(make_node(1, "old"));

    REQUIRE(stored.has_value());
    CHECK(stored->name == "new");
}

TEST_CASE("an id bound to another key is a duplicate, also after its removal", "[registry]") {
    Desk desk;
    REQUIRE(desk.nodes.admit(make_node(1)).has_value());
    auto thief = make_node(1);
    thief.spki_sha256 = std::string(64, 'b');

    CHECK(desk.nodes.admit(thief).error().code == Problem::duplicate_identity);
    REQUIRE(desk.nodes.remove(id(1), start).has_value());
    CHECK(desk.nodes.admit(thief).error().code == Problem::duplicate_identity);
    CHECK(desk.nodes.find(id(1)).value()->spki_sha256 == std::string(64, 'a'));
}

TEST_CASE("a row with a field outside its grammar is refused by the field's name", "[registry]") {
    Desk desk;
    auto n = make_node(1);
    std::string field;
    SECTION("node_id") {
        n.node_id = "box", field = "node_id";
    }
    SECTION("subnet_id") {
        n.subnet_id = "sn_", field = "subnet_id";
    }
    SECTION("role") {
        n.role = "Hub", field = "role";
    }
    SECTION("name") {
        n.name = "-x", field = "name";
    }
    SECTION("a name that is too long") {
        n.name = std::string(64, 'x'), field = "name";
    }
    SECTION("hostname") {
        n.hostname = "a\x1b[31m", field = "hostname";
    }
    SECTION("a host name that is too long") {
        n.hostname = std::string(256, 'x'), field = "hostname";
    }
    SECTION("zone") {
        n.zone = "eur", field = "zone";
    }
    SECTION("key") {
        n.spki_sha256 = std::string(64, 'A'), field = "spki_sha256";
    }
    SECTION("issued_by") {
        n.issued_by = "", field = "issued_by";
    }

    auto const stored = desk.nodes.admit(n);

    REQUIRE(stored.has_error());
    CHECK(problem_of(stored.error()) == Problem::invalid_field);
    CHECK(stored.error().context == field);
}

TEST_CASE("nodes are found by id or name within their subnet, until removed", "[registry]") {
    Desk desk;
    REQUIRE(desk.nodes.admit(make_node(1, "box")).has_value());

    CHECK(desk.nodes.find_in(subnet, id(1)).value()->name == "box");
    CHECK(desk.nodes.find_in(subnet, "box").value()->node_id == id(1));
    CHECK_FALSE(desk.nodes.find_in("sn_0000000b", id(1)).value());
    CHECK_FALSE(desk.nodes.find_in("sn_0000000b", "box").value());

    REQUIRE(desk.nodes.remove(id(1), start + 5s).has_value());

    CHECK_FALSE(desk.nodes.find_in(subnet, id(1)).value());
    CHECK_FALSE(desk.nodes.find_in(subnet, "box").value());
    CHECK(desk.nodes.list(subnet)->empty());
    CHECK(desk.nodes.find(id(1)).value()->removed_at == start + 5s);
    CHECK(desk.nodes.remove(id(1), start + 6s).error().code == Problem::node_unknown);
    CHECK(desk.nodes.seen(id(1), start + 6s).error().code == Problem::node_unknown);
}

TEST_CASE("a removed node's name is free, and the node may come back with its key", "[registry]") {
    Desk desk;
    REQUIRE(desk.nodes.admit(make_node(1, "box")).has_value());
    REQUIRE(desk.nodes.remove(id(1), start + 1s).has_value());
    CHECK(desk.nodes.admit(make_node(2, "box"))->name == "box");
    auto back = make_node(1);
    back.updated_at = start + 2s;

    auto const stored = desk.nodes.admit(back);

    REQUIRE(stored.has_value());
    CHECK(stored->name == "box-2");
    CHECK_FALSE(stored->removed_at);
}

TEST_CASE("every hello counts, the first one stays, time never goes back", "[registry]") {
    Desk desk;
    REQUIRE(desk.nodes.admit(make_node(1)).has_value());

    REQUIRE(desk.nodes.seen(id(1), start + 2s).has_value());
    REQUIRE(desk.nodes.seen(id(1), start + 3s).has_value());
    REQUIRE(desk.nodes.seen(id(1), start + 1s).has_value());

    auto const found = desk.nodes.find(id(1)).value();
    CHECK(found->first_hello_at == start + 2s);
    CHECK(found->last_seen_at == start + 3s);
    CHECK(found->updated_at == start);
    CHECK(desk.nodes.seen(id(2), start).error().code == Problem::node_unknown);
}

TEST_CASE("changes are paged by time without loss, removals among them", "[registry]") {
    Desk desk;
    for (int i = 1; i <= 7; ++i) {
        auto n = make_node(i);
        n.updated_at = desk.nodes.next_change(subnet, start).value();  // the clock stands still
        REQUIRE(desk.nodes.admit(n).has_value());
    }
    REQUIRE(desk.nodes.remove(id(2), start - 1h).has_value());  // it even went back

    std::vector<std::string> order;
    WallTime since{};
    for (;;) {
        auto const page = desk.nodes.changed_since(subnet, since, 3);
        REQUIRE(page.has_value());
        if (page->empty()) break;
        CHECK(page->size() <= 3);
        for (auto const& n : *page) order.push_back(n.node_id);
        since = page->back().updated_at;
    }

    CHECK(order == std::vector{id(1), id(3), id(4), id(5), id(6), id(7), id(2)});
    CHECK(desk.nodes.changed_since(subnet, WallTime{}, 0)->empty());
    CHECK(desk.nodes.changed_since(subnet, WallTime{}, -1)->empty());
    CHECK(desk.nodes.next_change(subnet, start + 1h).value() == start + 1h);
}

TEST_CASE("hubs of every subnet are listed, members and removed hubs are not", "[registry]") {
    Desk desk;
    for (int i = 1; i <= 3; ++i) {
        auto hub = make_node(i);
        hub.role = "hub";
        hub.subnet_id = "sn_0000000" + std::to_string(i);
        REQUIRE(desk.nodes.admit(hub).has_value());
    }
    REQUIRE(desk.nodes.admit(make_node(4)).has_value());
    REQUIRE(desk.nodes.remove(id(2), start).has_value());

    auto const hubs = desk.nodes.hubs();

    REQUIRE(hubs.has_value());
    REQUIRE(hubs->size() == 2);
    CHECK(hubs->at(0).subnet_id == "sn_00000001");
    CHECK(hubs->at(1).subnet_id == "sn_00000003");
}

}  // namespace adaos::nodes_test

#include "base/json.hpp"
#include "base/problem.hpp"
#include "registry/nodes.hpp"

#include <catch2/catch.hpp>

#include <chrono>

namespace adaos::nodes_json_test {

using namespace adaos::registry;
using namespace std::chrono_literals;

namespace {

Node full_node() {
    Node n;
    n.node_id = "00000000-0000-4000-8000-000000000001";
    n.subnet_id = "sn_0000000a";
    n.role = "member";
    n.name = "box";
    n.hostname = "Box \"of\" \xc3\xa4";
    n.zone = "eu";
    n.spki_sha256 = std::string(64, 'a');
    n.issued_by = "hub";
    n.created_at = from_millis(1'767'225'600'000);
    n.updated_at = n.created_at + 1ms;
    n.first_hello_at = n.created_at + 1s;
    n.removed_at = n.created_at + 2s;
    return n;
}

Json full_json() {
    return parse_json(to_json({full_node()})).value();
}

}  // namespace

TEST_CASE("nodes survive the way over a link", "[registry][json]") {
    auto plain = full_node();
    plain.hostname.clear();
    plain.zone.clear();
    plain.first_hello_at.reset();
    plain.removed_at.reset();

    auto const nodes = nodes_from_json(to_json({full_node(), plain}));

    REQUIRE(nodes.has_value());
    REQUIRE(nodes->size() == 2);
    auto const& n = nodes->at(0);
    CHECK(n.node_id == full_node().node_id);
    CHECK(n.subnet_id == "sn_0000000a");
    CHECK(n.role == "member");
    CHECK(n.name == "box");
    CHECK(n.hostname == full_node().hostname);
    CHECK(n.zone == "eu");
    CHECK(n.spki_sha256 == std::string(64, 'a'));
    CHECK(n.issued_by == "hub");
    CHECK(n.created_at == full_node().created_at);
    CHECK(n.updated_at == full_node().updated_at);
    CHECK(n.first_hello_at == full_node().first_hello_at);
    CHECK_FALSE(n.last_seen_at);
    CHECK(n.removed_at == full_node().removed_at);
    CHECK_FALSE(nodes->at(1).first_hello_at);
    CHECK_FALSE(nodes->at(1).removed_at);
}

TEST_CASE("node JSON shows times as people read them and the exact change beside",
          "[registry][json]") {
    auto const json = full_json().at(0);

    CHECK(json.at("created_at") == "2026-01-01T00:00:00Z");
    CHECK(json.at("updated_ms") == 1'767'225'600'001);
    CHECK(json.at("last_seen_at").is_null());
}

TEST_CASE("unknown members are ignored and updated_ms may be absent", "[registry][json]") {
    auto json = full_json();
    json.at(0)["later"] = {{"x", 1}};
    json.at(0).erase("updated_ms");

    auto const nodes = nodes_from_json(dump(json));

    REQUIRE(nodes.has_value());
    CHECK(nodes->at(0).updated_at == full_node().created_at);
}

TEST_CASE("what is no array of nodes is refused", "[registry][json]") {
    for (auto const* text : {"", "{}", "null", "[", "[1", "\"x\"", "[] []"}) {
        CAPTURE(text);
        CHECK(nodes_from_json(text).error().code == Problem::bad_request);
    }
    CHECK(nodes_from_json("[]")->empty());
    CHECK(nodes_from_json("[1]").error().code == Problem::invalid_field);
    CHECK(nodes_from_json("[null]").error().code == Problem::invalid_field);
}

TEST_CASE("a node row that lacks a field or breaks its grammar is refused whole",
          "[registry][json]") {
    auto const* const field =
        GENERATE("node_id", "subnet_id", "role", "name", "spki_sha256", "issued_by", "created_at");
    auto const value = GENERATE(Json(nullptr), Json(7), Json(""), Json("No Such!"));
    CAPTURE(field, dump(value));
    auto json = full_json();
    json.push_back(json.at(0));
    json.at(1)[field] = value;

    auto const nodes = nodes_from_json(dump(json));

    REQUIRE(nodes.has_error());
    CHECK(nodes.error().code == Problem::invalid_field);
    CHECK(nodes.error().context.find("node 2") != std::string::npos);
}

TEST_CASE("at most 4096 rows are taken at once", "[registry][json]") {
    std::vector<Node> const most(max_json_nodes, full_node());
    auto more = most;
    more.push_back(full_node());

    CHECK(nodes_from_json(to_json(most))->size() == max_json_nodes);
    CHECK(nodes_from_json(to_json(more)).error().code == Problem::bad_request);
}

}  // namespace adaos::nodes_json_test

#include "api/nodes_door.hpp"

#include "base/problem.hpp"

#include <catch2/catch.hpp>

namespace adaos::nodes_query_test {

using namespace adaos::api;

TEST_CASE("a list's query has its defaults and its bounds", "[api][nodes]") {
    auto const none = parse_list_wish("").value();
    CHECK(none.limit == 20);
    CHECK(none.status.empty());
    auto const all =
        parse_list_wish("limit=200&architecture=arm64&status=unreachable&subnet=sn_0000000a")
            .value();
    CHECK(all.limit == 200);
    CHECK(all.architecture == "arm64");
    CHECK(all.status == "unreachable");
    CHECK(all.subnet_id == "sn_0000000a");
    for (auto const* wrong : {"limit=0", "limit=201", "limit=x", "limit=", "limit=1x", "limit",
                              "architecture=mips", "status=fine", "subnet=me", "cursor=zz",
                              "cursor=", "cursor=6162", "colour=red", "=1", "%6Cimit=1"}) {
        CAPTURE(wrong);
        auto const found = parse_list_wish(wrong);
        REQUIRE(found.has_error());
        CHECK(found.error().code == Problem::validation);
    }
}

TEST_CASE("a cursor is read back, and nothing else is one", "[api][nodes]") {
    auto const text = cursor_text({"sn_0000000a", "garage-pi"});
    auto const found = parse_cursor(text);
    REQUIRE(found.has_value());
    CHECK(found->subnet_id == "sn_0000000a");
    CHECK(found->name == "garage-pi");
    CHECK(parse_list_wish("cursor=" + text).value().cursor == text);
    for (auto const& [subnet, name] :
         {std::pair("sn_0000000a", ""), std::pair("sn_x", "pi"), std::pair("sn_0000000a", "a/b")})
        CHECK_FALSE(parse_cursor(cursor_text({subnet, name})));
}

TEST_CASE("force is a word of its own", "[api][nodes]") {
    CHECK(parse_one_wish("").value().force == NodeOrder::Force::no);
    CHECK(parse_one_wish("force=true").value().force == NodeOrder::Force::yes);
    CHECK(parse_one_wish("force=false").value().force == NodeOrder::Force::no);
    for (auto const* wrong : {"force", "force=1", "force=TRUE", "limit=3"})
        CHECK(parse_one_wish(wrong).has_error());
}

TEST_CASE("commands have names, and nothing else is one", "[api][nodes]") {
    for (auto const c : {NodeCommand::cordon, NodeCommand::uncordon, NodeCommand::drain,
                         NodeCommand::pause, NodeCommand::resume, NodeCommand::remove})
        CHECK(parse_command(command_name(c)) == c);
    for (auto const* text : {"", "Cordon", "heartbeat"}) CHECK_FALSE(parse_command(text));
}

TEST_CASE("an order means the same after its way over a link", "[api][nodes]") {
    OrderFor order;
    order.node_id = "00000000-0000-4000-8000-000000000001";
    order.order = {NodeCommand::remove, NodeOrder::Force::yes, "root token"};

    auto const again = order_from_json(to_json(order));

    REQUIRE(again.has_value());
    CHECK(again->node_id == order.node_id);
    CHECK(again->order.command == NodeCommand::remove);
    CHECK(again->order.force == NodeOrder::Force::yes);
    CHECK(again->order.actor == "root token");
    for (auto const* wrong : {"", "{}", R"({"node_id":"x","command":"drain"})",
                              R"({"node_id":"00000000-0000-4000-8000-000000000001"})"})
        CHECK(order_from_json(wrong).has_error());
}

TEST_CASE("a refusal for work says what it is", "[api][nodes]") {
    auto const text = blocking_text({{"relayed_exchanges", 3}, {"ghosts", 0}, {"jobs", 1}});
    CHECK(text == "relayed_exchanges=3, jobs=1");
    auto const body = busy_json(Error(Problem::node_busy, text));
    CHECK(body.find(R"("details":{"blocking_resources":{"relayed_exchanges":3,"jobs":1},)"
                    R"("force_available":true})") != std::string::npos);
    CHECK(body.find("ADAOS-R011") != std::string::npos);
}

}  // namespace adaos::nodes_query_test

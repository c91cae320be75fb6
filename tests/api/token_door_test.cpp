#include "api/token_door.hpp"

#include "api/enrol_door.hpp"
#include "api/hosts_door.hpp"
#include "base/problem.hpp"

#include <catch2/catch.hpp>

namespace adaos::token_door_test {

using namespace adaos::api;
using namespace std::chrono_literals;

namespace {

std::string const token = "otx_join_" + std::string(43, 'A');
std::string const good =
    R"({"token":")" + token +
    R"(","csr_pem":"PEM","node_name":" node-1 ","architecture":"amd64",)"
    R"("advertised_endpoint":"https://node-1.example.org:9443",)"
    R"("migration_host":"10.0.0.1","migration_port_range_start":49152,)"
    R"("migration_port_range_end":49251,"redeem_id":"AAAAAAAAAAAAAAAAAAAA_-"})";

std::string replaced(std::string const& from, std::string const& to) {
    auto text = good;
    return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("a token's order is read in the words of join tokens", "[api][token]") {
    auto const parsed = parse_token_order(
        R"({"ttl_seconds":600,"max_uses":1,"intended_node_name":" a ","note":"n","strict":true})");

    REQUIRE_FALSE(parsed.refusal);
    CHECK(parsed.order.kind == enrol::Kind::node);
    CHECK(parsed.order.ttl == 600s);
    CHECK(parsed.order.max_uses == 1);
    CHECK(parsed.order.node_name == "a");
    CHECK(parsed.order.is_strict);
}

TEST_CASE("a token without max_uses, or with null, has no limit", "[api][token]") {
    for (auto const* body : {"{}", R"({"max_uses":null})"}) {
        auto const parsed = parse_token_order(body);
        REQUIRE_FALSE(parsed.refusal);
        CHECK(parsed.order.max_uses == 0);
    }
}

TEST_CASE("a token's order that cannot be is refused with 400", "[api][token]") {
    auto const body =
        GENERATE(as<std::string>{}, "", "[]", R"({"max_uses":0})", R"({"max_uses":"1"})",
                 R"({"ttl_seconds":0})", R"({"intended_node_name":"NODE1","max_uses":1})",
                 R"({"intended_node_name":"-x","max_uses":1})",
                 R"({"intended_node_name":"a/b","max_uses":1})", R"({"intended_node_name":"a"})",
                 R"({"intended_node_name":"a","max_uses":2})");
    CAPTURE(body);
    auto const parsed = parse_token_order(body);

    REQUIRE(parsed.refusal);
    CHECK(parsed.refusal->status == 400);
}

TEST_CASE("a join is read field by field, the name as it was vetted", "[api][token]") {
    auto const order = parse_node_join(good);

    REQUIRE(order.has_value());
    CHECK(order->kind == enrol::Kind::node);
    CHECK(order->secret.reveal() == token);
    CHECK(order->node_name == "node-1");
    CHECK(order->arch == "amd64");
    CHECK(order->inventory.advertised_endpoint == "https://node-1.example.org:9443");
    CHECK(order->inventory.migration_host == "10.0.0.1");
    CHECK(order->inventory.migration_port_start == 49152);
    CHECK(order->inventory.migration_port_end == 49251);
    CHECK(order->attempt_id == "AAAAAAAAAAAAAAAAAAAA_-");
}

TEST_CASE("a join that lacks or twists a field is refused by that field's name", "[api][token]") {
    struct Case {
        std::string field, body;
    };
    auto const c = GENERATE(values<Case>({
        {"token", replaced(token, "")},
        {"csr_pem", replaced("\"PEM\"", "\"\"")},
        {"node_name", replaced("\" node-1 \"", "\"\"")},
        {"node_name", replaced("\" node-1 \"", "\"Bad_Name\"")},
        {"node_name", replaced("\" node-1 \"", "\"" + std::string(64, 'a') + "\"")},
        {"node_name", replaced("\" node-1 \"", "\"00000000-0000-4000-8000-000000000000\"")},
        {"architecture", replaced("\"amd64\"", "\"x86_64\"")},
        {"advertised_endpoint", replaced("https://node-1.example.org:9443", "http://a")},
        {"advertised_endpoint", replaced("https://node-1.example.org:9443", "https://")},
        {"advertised_endpoint", replaced("https://node-1.example.org:9443", "word")},
        {"migration_host", replaced("10.0.0.1", "")},
        {"migration_port_range_start", replaced("49152", "1023")},
        {"migration_port_range_end", replaced("49251", "65536")},
        {"migration_port_range_end", replaced("49251", "49151")},
    }));
    CAPTURE(c.body);
    auto const order = parse_node_join(c.body);
    REQUIRE(order.has_error());
    auto const refusal = refusal_at(enrol::Door::node, order.error());

    CHECK(refusal.status == 400);
    CHECK(refusal.field == c.field);
}

TEST_CASE("what the join door says of each outcome", "[api][token]") {
    struct Row {
        Error outcome;
        unsigned status;
        std::string field;
        Problem told;
    };
    auto const row = GENERATE(values<Row>({
        {Error(Problem::token_unknown), 401, "", Problem::token_refused},
        {Error(Problem::grant_expired), 401, "", Problem::token_refused},
        {Error(Problem::grant_revoked), 401, "", Problem::token_refused},
        {Error(Problem::grant_spent), 401, "", Problem::token_refused},
        {Error(Problem::grant_bound, "node_name"), 400, "node_name", Problem::validation},
        {Error(Problem::grant_bound, "architecture"), 400, "architecture", Problem::validation},
        {Error(Problem::name_taken, "node_name a"), 409, "node_name", Problem::name_taken},
        {Error(Problem::join_conflict, "it is the hub"), 409, "", Problem::join_conflict},
        {Error(Problem::csr_refused, "why"), 400, "", Problem::csr_refused},
        {Error(Problem::code_throttled), 429, "", Problem::code_throttled},
        {Error(Problem::internal), 500, "", Problem::internal},
    }));
    auto const refusal = refusal_at(enrol::Door::node, row.outcome);

    CHECK(refusal.status == row.status);
    CHECK(refusal.field == row.field);
    CHECK(refusal.error.code == row.told);
}

TEST_CASE("a dead token's answer tells nothing but that", "[api][token]") {
    auto const text = [](Error error) {
        return refusal_json(refusal_at(enrol::Door::node, std::move(error)));
    };
    auto const unknown = text(Error(Problem::token_unknown));

    CHECK(text(Error(Problem::grant_spent, "its 5 reads are used")) == unknown);
    CHECK(text(Error(Problem::grant_revoked)) == unknown);
    CHECK(text(Error(Problem::grant_expired, "this clock is behind")) == unknown);
}

TEST_CASE("the canonical door reads the kind off the secret", "[api][token]") {
    auto const kind = [](std::string const& secret) {
        auto const order = parse_enrolment(
            R"({"secret":")" + secret +
            R"(","csr_pem":"PEM","node_name":"a","node_id":"00000000-0000-4000-8000-000000000001"})");
        return order ? std::string(enrol::kind_word(order->kind)) : std::string();
    };
    CHECK(kind(token) == "node");
    CHECK(kind("adaos_host_" + std::string(43, 'A')) == "host");
    CHECK(kind("adaos_boot_" + std::string(43, 'A')) == "bootstrap");
    CHECK(kind("abcd-efgh") == "member");
    CHECK(kind("adaos_bt_" + std::string(43, 'A')).empty());
}

TEST_CASE("a certificate is made for the host of an https URL", "[api][token]") {
    CHECK(host_of("https://a.example:9443/x") == "a.example");
    CHECK(host_of("https://[2001:db8::1]:9443") == "2001:db8::1");
    CHECK(host_of("http://a.example").empty());
    CHECK(host_of("https://").empty());
}

TEST_CASE("a redeem_id has room for 128 random bits", "[api][token]") {
    auto const id = GENERATE(as<std::string>{}, "0123456789", std::string(21, 'a'),
                             std::string(65, 'a'), "AAAAAAAAAAAAAAAAAAAAA=", std::string(30, ' '));
    CAPTURE(id);
    auto const order = replaced("AAAAAAAAAAAAAAAAAAAA_-", id);
    CHECK(parse_node_join(order).error().context.find("redeem_id") != std::string::npos);
    auto const host = parse_host_request(R"({"token":"t","hostname":"h","architecture":"amd64",)"
                                         R"("csr_pem":"PEM","redeem_id":")" +
                                         id + "\"}");
    REQUIRE(host.has_error());
    CHECK(host.error().context.find("redeem_id") != std::string::npos);
}

TEST_CASE("a redeem_id may be hex, base64url, a UUID, or not there", "[api][token]") {
    auto const id = GENERATE(as<std::string>{}, "", std::string(22, '_'), std::string(64, 'f'),
                             "0190f7a0-4c1b-4d2e-8f00-5a6b7c8d9e0f");
    CHECK(parse_node_join(replaced("AAAAAAAAAAAAAAAAAAAA_-", id)).has_value());
}

}  // namespace adaos::token_door_test

#include "api/join_door.hpp"

#include "base/problem.hpp"

#include <catch2/catch.hpp>

namespace adaos::join_door_test {

using namespace adaos::api;

namespace {

std::string const good =
    R"({"code":"ABCD-EFGH","node_id":"00000000-0000-4000-8000-000000000001","hostname":"pi",)"
    R"("zone_id":"eu","csr_pem":"PEM","attempt_id":"a1","unknown":[1]})";

std::string replaced(std::string from, std::string to) {
    auto text = good;
    return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("a join request is read field by field, unknown ones ignored", "[api][join]") {
    auto const request = parse_join_request(good);

    REQUIRE(request.has_value());
    CHECK(request->code == "ABCD-EFGH");
    CHECK(request->order.node_id == "00000000-0000-4000-8000-000000000001");
    CHECK(request->order.hostname == "pi");
    CHECK(request->order.zone == "eu");
    CHECK(request->order.csr_pem == "PEM");
    CHECK(request->order.attempt_id == "a1");
}

TEST_CASE("a join request that lacks or twists a field is refused by that field's name",
          "[api][join]") {
    struct Case {
        std::string body;
        Problem problem;
    };
    auto const c = GENERATE(values<Case>({
        {"", Problem::bad_request},
        {"[]", Problem::bad_request},
        {R"({"code":"A","code":"B"})", Problem::bad_request},
        {replaced("\"ABCD-EFGH\"", "\"\""), Problem::code_blank},
        {replaced("\"ABCD-EFGH\"", "null"), Problem::code_blank},
        {replaced("\"ABCD-EFGH\"", "12345678"), Problem::invalid_field},
        {replaced("\"ABCD-EFGH\"", "\"" + std::string(65, 'A') + "\""), Problem::invalid_field},
        {replaced("8000-000000000001", "8000-00000000000X"), Problem::invalid_field},
        {replaced("\"eu\"", "\"EU\""), Problem::invalid_field},
        {replaced("\"pi\"", "\"" + std::string(256, 'x') + "\""), Problem::invalid_field},
        {replaced("\"pi\"", "\"a\\u0000b\""), Problem::invalid_field},
    }));
    CAPTURE(c.body);

    auto const request = parse_join_request(c.body);

    REQUIRE(request.has_error());
    CHECK(request.error().code == c.problem);
}

TEST_CASE("the answer to a join names node, hub and anchors, and no secret", "[api][join]") {
    enrol::Redeemed done;
    done.grant_id = "g1";
    done.node.node_id = "n1";
    done.node.name = "pi";
    done.node.subnet_id = "sn_00000001";
    done.certificate_pem = "CERT\n";
    JoinPlace const place{"h1", "https://root", "https://root/hubs/sn_00000001", "CA\n", ""};

    auto const json = join_answer(done, place, WallTime{});

    CHECK(json.find(R"("hub_url":"https://root/hubs/sn_00000001")") != std::string::npos);
    CHECK(json.find(R"("cert_pem":"CERT\n")") != std::string::npos);
    CHECK(json.find(R"("hub_node_id":"h1")") != std::string::npos);
    CHECK(json.find("token") == std::string::npos);
}

TEST_CASE("a script may bring no request, a machine that proves its code must", "[api][join]") {
    auto const without = replaced("\"PEM\"", "\"\"");

    auto const script = parse_join_request(without);
    REQUIRE(script.has_value());
    CHECK(script->order.csr_pem.empty());

    auto const machine = parse_join_order(without);
    REQUIRE(machine.has_error());
    CHECK(machine.error().code == Problem::invalid_field);
    CHECK(machine.error().context.find("csr_pem") != std::string::npos);
}

TEST_CASE("every error has a detail at the doors of AdaOS's clients", "[api][join]") {
    std::size_t seen = 0;
    for (auto const& info : problems()) {
        CAPTURE(info.id);
        CHECK_FALSE(in_adaos_words(Error(info.problem)).context.empty());
        CHECK(in_adaos_words(Error(info.problem, "why")).context.ends_with("why"));
        ++seen;
    }
    CHECK(seen > 50);
    auto const words = [](Problem problem) { return in_adaos_words(Error(problem)).context; };
    CHECK(words(Problem::code_unknown) == "join-code not found");
    CHECK(words(Problem::code_expired) == "join-code expired");
    CHECK(words(Problem::code_used) == "join-code already used");
    CHECK(words(Problem::code_blank) == "code is required");
    CHECK(words(Problem::media_type) == describe(make_error_code(Problem::media_type)).title);
}

}  // namespace adaos::join_door_test

#include "enrol/join_code.hpp"
#include "base/problem.hpp"
#include "identity/credentials.hpp"
#include "identity/node_config.hpp"
#include "node/answer.hpp"
#include "node/command_world.hpp"
#include "node/join_code_text.hpp"
#include "store/atomic_file.hpp"

#include <catch2/catch.hpp>

namespace adaos::join_code_test {

using namespace adaos::node;
using test::CommandWorld;

namespace {

MadeCode made() {
    MadeCode out;
    out.mode = "root";
    out.code = "ABCD-EFGH";
    out.subnet_id = "sn_12345678";
    out.root_url = "https://root.example:8443";
    out.expires_at_utc = "2026-01-01T00:15:00Z";
    out.ca_fingerprint = "sha256:aa";
    return out;
}

}  // namespace

TEST_CASE("the command for the other machine carries code and address", "[node][code]") {
    CHECK(join_command(made()) ==
          "adaos node join --code ABCD-EFGH --root https://root.example:8443");
}

TEST_CASE("a local code's command leads to the hub's own address", "[node][code]") {
    auto code = made();

    address_locally(code, {"http", "127.0.0.1", 8777, "/"});
    CHECK(code.command == "adaos node join --code ABCD-EFGH --root http://127.0.0.1:8777");
    address_locally(code, {"http", "10.0.0.5", 8777, "/"});
    CHECK(code.command == "adaos node join --code ABCD-EFGH --root http://10.0.0.5:8777");
}

TEST_CASE("a hub on every address is found under one that others can reach", "[node][code]") {
    std::vector<std::string> const hosts{"localhost", "127.0.0.1", "::1", "box", "10.0.0.5"};

    CHECK(hub_address("127.0.0.1", 8777, hosts).origin() == "http://127.0.0.1:8777");
    CHECK(hub_address("0.0.0.0", 8777, hosts).origin() == "http://10.0.0.5:8777");
    CHECK(hub_address("0.0.0.0", 8777, {"127.0.0.1"}).origin() == "http://127.0.0.1:8777");
}

TEST_CASE("a code is shown with its expiry and command, or as one document", "[node][code]") {
    auto code = made();
    code.command = "adaos ...";

    CHECK(to_text(code) ==
          "ABCD-EFGH\nExpires 2026-01-01T00:15:00Z\nOn the other machine: adaos ...\n");
    code.mode = "local";
    code.root_url = "https://10.0.0.5:8777";
    CHECK(to_text(code).find("On the other machine: ") != std::string::npos);
    CHECK(to_text(code).find("LAN") == std::string::npos);
    code.root_url = "http://127.0.0.1:8777";
    CHECK(to_text(code) ==
          "ABCD-EFGH\nExpires 2026-01-01T00:15:00Z\nOn this machine: adaos ...\n"
          "For the LAN: serve with adaos api serve --host 0.0.0.0 and make a code then\n");
    code.mode = "root";
    CHECK(to_text(code).find("On this machine: ") != std::string::npos);
    CHECK(to_text(code).find("LAN") == std::string::npos);
    code.root_url = "https://root.example:8443";
    CHECK(to_json(code) ==
          R"({"schema":"adaos.join-code/v1","ok":true,"mode":"root","code":"ABCD-EFGH",)"
          R"("subnet_id":"sn_12345678","root_url":"https://root.example:8443",)"
          R"("expires_at":1767226500.0,"expires_at_utc":"2026-01-01T00:15:00Z",)"
          R"("ca_fingerprint":"sha256:aa","command":"adaos ..."})"
          "\n");
}

TEST_CASE("a local code is made without a running node, and only its MAC is kept", "[node][code]") {
    CommandWorld world;

    auto const code = world.run({"hub", "join-code", "create", "--local", "--length", "10"});

    REQUIRE(code == 0);
    auto const shown = world.out.substr(0, 11);
    auto const canonical = enrol::parse_code(shown);
    REQUIRE(canonical.has_value());
    CHECK(canonical->reveal().size() == 10);
    CHECK(world.out.find("adaos node join --code " + shown + " --root http://127.0.0.1:8777\n") !=
          std::string::npos);
    auto const projection = **store::read_file(world.dir().join_codes());
    CHECK(projection.find("consumed_at") != std::string::npos);
    for (auto const& entry : std::filesystem::recursive_directory_iterator(world.base)) {
        if (!entry.is_regular_file()) continue;
        auto const text = **store::read_file(entry.path());
        CHECK(text.find(canonical->reveal()) == std::string::npos);
        CHECK(text.find(shown) == std::string::npos);
    }
}

TEST_CASE("codes at Root need a Root, a hub and a running node", "[node][code]") {
    CommandWorld world;
    auto config = identity::load_config(world.dir(), world.random)->config;

    CHECK(world.run({"hub", "join-code", "create"}) == 3);
    CHECK(world.err.find("--local") != std::string::npos);
    config.root_base_url = "https://root.example";
    REQUIRE(identity::save_config(world.dir(), config).has_value());
    CHECK(world.run({"hub", "join-code", "create"}) == 3);
    CHECK(world.err.find("ADAOS-N001") != std::string::npos);
    CHECK(world.run({"hub", "join-code", "create", "--root", "https://other.example"}) == 2);
    CHECK(world.err.find("https://root.example") != std::string::npos);
    config.role = identity::Role::member;
    REQUIRE(identity::save_config(world.dir(), config).has_value());
    CHECK(world.run({"hub", "join-code", "create", "--local"}) == 2);
    CHECK(world.err.find("ADAOS-J009") != std::string::npos);
}

TEST_CASE("a token is made without a running node, shown once and listed without itself",
          "[node][access]") {
    CommandWorld world;

    REQUIRE(world.run({"access", "create", "--name", "laptop", "--scope", "view"}) == 0);
    auto const token = world.out.substr(0, world.out.size() - 1);
    CHECK(token.starts_with("adaos_at_"));
    CHECK(world.err.find(token) == std::string::npos);
    REQUIRE(world.run({"access", "list"}) == 0);
    CHECK(world.out.find("laptop") != std::string::npos);
    CHECK(world.out.find(token) == std::string::npos);
    REQUIRE(world.run({"access", "create", "--name", "x", "--scope", "admin", "--json"}) == 0);
    CHECK(world.out.find(R"({"schema":"adaos.access-token/v1","ok":true,)") == 0);
}

TEST_CASE("an answer that is no success means what its code says, else what its status says",
          "[node][answer]") {
    auto const reply = [](unsigned status, std::string body) {
        net::Reply out;
        out.head.status = status;
        out.body = std::move(body);
        return out;
    };

    CHECK(problem_of(reply(409, R"({"code":"ADAOS-T004","detail":"x"})")).code ==
          Problem::duplicate_identity);
    CHECK(problem_of(reply(410, "gone")).code == Problem::code_expired);
    CHECK(problem_of(reply(409, "{}")).code == Problem::code_used);
    CHECK(problem_of(reply(429, "")).code == Problem::code_throttled);
    CHECK(problem_of(reply(500, "")).code == Problem::bad_answer);
    CHECK(is_problem(reply(404, R"({"code":"ADAOS-B002"})")));
    CHECK(!is_problem(reply(404, R"({"code":"E42"})")));
    CHECK(is_join_refusal(reply(404, R"({"code":"ADAOS-J001"})")));
    CHECK(is_join_refusal(reply(404, R"({"detail":"join-code not found"})")));
    CHECK(!is_join_refusal(reply(404, R"({"code":"ADAOS-B002"})")));
    CHECK(!is_join_refusal(reply(404, R"({"detail":"Not Found"})")));
    CHECK(!is_join_refusal(reply(404, "<html>")));
}

}  // namespace adaos::join_code_test

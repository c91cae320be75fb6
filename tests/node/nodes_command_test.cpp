#include "node/nodes_text.hpp"

#include "base/problem.hpp"
#include "identity/node_config.hpp"
#include "node/command_world.hpp"

#include <catch2/catch.hpp>

namespace adaos::nodes_command_test {

using namespace adaos::node;
using namespace std::chrono_literals;
using test::CommandWorld;

namespace {

WallTime const now = parse_rfc3339("2026-01-02T00:00:00Z");

std::string const list =
    R"({"data":[{"id":"0a","name":"alpha","architecture":"amd64","status":"ready",)"
    R"("cordoned_at":null,"labels":{},"created_at":"2026-01-01T23:59:40Z"},)"
    R"({"id":"0b","name":"garage-pi","architecture":null,"status":"cordoned",)"
    R"("cordoned_at":"2026-01-01T23:00:00Z","labels":{},"created_at":"2025-12-30T00:00:00Z"},)"
    R"({"id":"0c","name":"x","architecture":"arm64","status":"pending","cordoned_at":null,)"
    R"("created_at":"soon"}],"meta":{"next_cursor":null}})";

}  // namespace

TEST_CASE("nodes as a table", "[node][nodes]") {
    CHECK(nodes_table(list, ShowIds::no, now).value() ==
          "NAME       ARCH   STATUS    CORDONED  AGE\n"
          "alpha      amd64  ready     no        20s\n"
          "garage-pi  -      cordoned  yes       3d\n"
          "x          arm64  pending   no        -\n");
}

TEST_CASE("nodes with ids, and a next page", "[node][nodes]") {
    auto const text =
        R"({"data":[{"id":"0a","name":"alpha","architecture":"amd64","status":"ready",)"
        R"("cordoned_at":null,"created_at":"2026-01-01T22:00:00Z"}],"meta":{"next_cursor":"6162"}})";
    CHECK(nodes_table(text, ShowIds::yes, now).value() ==
          "ID  NAME   ARCH   STATUS  CORDONED  AGE\n"
          "0a  alpha  amd64  ready   no        2h\n"
          "next_cursor: 6162\n");
    CHECK(nodes_table(R"({"data":[],"meta":{"next_cursor":null}})", ShowIds::no, now).value() ==
          "NAME  ARCH  STATUS  CORDONED  AGE\n");
    for (auto const* bad : {"", "[]", "{}", R"({"data":1})"})
        CHECK(nodes_table(bad, ShowIds::no, now).has_error());
}

TEST_CASE("ages are whole and cut off", "[node][nodes]") {
    CHECK(age_text(-5s) == "0s");
    CHECK(age_text(999ms) == "0s");
    CHECK(age_text(59s) == "59s");
    CHECK(age_text(60s) == "1m");
    CHECK(age_text(4min + 59s) == "4m");
    CHECK(age_text(59min + 59s) == "59m");
    CHECK(age_text(2h + 59min) == "2h");
    CHECK(age_text(23h + 59min) == "23h");
    CHECK(age_text(24h) == "1d");
}

TEST_CASE("a node as text has what the server filled in", "[node][nodes]") {
    auto const body =
        R"({"id":"0a","name":"pi","architecture":null,"status":"ready","cordoned_at":null,)"
        R"("labels":{},"created_at":"2026-01-01T23:59:00Z","hardware":{"cpus":4},"ready":true})";
    CHECK(node_text(body, ShowIds::no, now).value() ==
          "name:        pi\n"
          "status:      ready\n"
          "created_at:  2026-01-01T23:59:00Z (1m ago)\n"
          "hardware:    {\"cpus\":4}\n"
          "ready:       true\n");
    CHECK(node_text(body, ShowIds::yes, now).value().starts_with("id:          0a\n"));
    for (auto const* bad : {"", "[]", "{}"}) CHECK(node_text(bad, ShowIds::no, now).has_error());
}

TEST_CASE("a node after a command is one line", "[node][nodes]") {
    CHECK(node_line(R"({"name":"pi","status":"cordoned","provisioning":"provisioned",)"
                    R"("liveness":"stale"})")
              .value() == "pi: cordoned, stale\n");
    CHECK(node_line(R"({"name":"pi","status":"ready","provisioning":"paused",)"
                    R"("liveness":"connected"})")
              .value() == "pi: ready, paused, connected\n");
    CHECK(node_line("{}").has_error());
    CHECK(name_of_node(R"({"name":"pi"})").value() == "pi");
    CHECK(name_of_node("{}").has_error());
}

TEST_CASE("words that no node command takes are refused before anything is asked",
          "[node][nodes]") {
    using Words = std::vector<std::string>;
    auto const words = GENERATE(
        Words{"node", "list", "--limit", "0"}, Words{"node", "list", "--limit", "201"},
        Words{"node", "list", "--limit", "x"}, Words{"node", "list", "--status", "a b"},
        Words{"node", "list", "--cursor", "x&y=1"}, Words{"node", "list", "--output", "yaml"},
        Words{"node", "get"}, Words{"node", "get", "a/b"}, Words{"node", "get", "Pi"},
        Words{"node", "get", "pi", "--output", "table"}, Words{"node", "cordon"},
        Words{"node", "cordon", "pi", "--force"}, Words{"node", "cordon", "pi", "po"},
        Words{"node", "delete", "pi?force=true"}, Words{"node", "remove", "pi"},
        Words{"node", "drain", ""});
    CommandWorld world;
    CAPTURE(words);

    auto const code = world.run(words);

    CHECK(code == 2);
    CHECK(world.out.empty());
    CHECK(world.err.starts_with("adaos: error: ADAOS-N00"));
    CHECK(world.files().empty());
}

TEST_CASE("without a running node the commands say so", "[node][nodes]") {
    using Words = std::vector<std::string>;
    auto const words = GENERATE(Words{"node", "list"}, Words{"node", "get", "pi"},
                                Words{"node", "pause", "pi"}, Words{"node", "delete", "pi"},
                                Words{"node", "delete", "00000000-0000-4000-8000-000000000001"});
    CommandWorld world;

    CHECK(world.run(words) == 3);

    CHECK(world.err.starts_with("adaos: error: ADAOS-N001"));
    CHECK(world.out.empty());
}

}  // namespace adaos::nodes_command_test

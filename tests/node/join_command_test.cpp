#include "base/problem.hpp"
#include "identity/node_config.hpp"
#include "node/command_world.hpp"
#include "node/join_options.hpp"
#include "node/joined.hpp"
#include "node/status_text.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

namespace adaos::join_command_test {

using namespace adaos::node;
using test::CommandWorld;

TEST_CASE("what is no join code is refused before anything happens", "[node][join]") {
    CommandWorld world;
    auto const join = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"node", "join", "--root", "https://127.0.0.1:1"});
        return world.run(words);
    };

    CHECK(join({"--code", "OOOO-IIII"}) == 10);
    CHECK(world.err.find("ADAOS-J003") != std::string::npos);
    CHECK(world.err.find("OOOO") == std::string::npos);
    CHECK(join({"--code", "  "}) == 2);
    CHECK(world.err.find("ADAOS-N009") != std::string::npos);
    CHECK(join({"--code", " - "}) == 2);
    CHECK(world.err.find("ADAOS-J002") != std::string::npos);
    world.in = "\n";
    CHECK(join({"--code-stdin"}) == 2);
    CHECK(join({"--code-file", "/nonexistent/file"}) == 2);
    CHECK(world.err.find("/nonexistent/file: No such file") != std::string::npos);
    CHECK(world.files().empty());
}

TEST_CASE("a code comes from the usual variable, or from where the option says", "[node][join]") {
    CommandWorld world;
    auto const path = world.folder.path() / "code";
    std::ofstream(path) << "  abcd efgh\n";
    world.variables["ADAOS_JOIN_CODE"] = "WXYZ-2345";
    std::istringstream in("2345-6789\n");
    std::ostringstream out;
    auto const env = [&](char const* name) -> std::optional<std::string> {
        auto const found = world.variables.find(name);
        return found == world.variables.end() ? std::nullopt : std::optional(found->second);
    };
    Context context{in, out, out, env, world.clock, world.random, false, {}, false, false};
    JoinOptions options;
    options.root = "http://127.0.0.1:8777";

    CHECK(check_join_options(context, options)->code.reveal() == "WXYZ2345");
    options.code.source = cli::parse_secret_source("-");
    CHECK(check_join_options(context, options)->code.reveal() == "23456789");
    options.code.source = cli::parse_secret_source("file:" + path.string());
    CHECK(check_join_options(context, options)->code.reveal() == "ABCDEFGH");
    options.code.source = cli::parse_secret_source("QRST-UVWX");
    CHECK(check_join_options(context, options)->code.reveal() == "QRSTUVWX");
}

TEST_CASE("a join at a dead address ends with the reason and says it meanwhile", "[node][join]") {
    CommandWorld world;

    auto const code = world.run(
        {"node", "join", "--code", "ABCD-EFGH", "--root", "http://127.0.0.1:1", "--timeout", "1"});

    CHECK(code == 30);
    CHECK(!std::filesystem::exists(world.base));
    CHECK(world.err.find("joining: asking http://127.0.0.1:1\n") != std::string::npos);
    CHECK(world.err.find("ADAOS-U001") != std::string::npos);
    CHECK(world.err.find("ABCD") == std::string::npos);
}

TEST_CASE("a look at a node that never was makes nothing", "[node][status]") {
    CommandWorld world;

    CHECK(world.run({"node", "status"}) == 0);
    CHECK(world.run({"node", "members"}) == 3);

    CHECK(!std::filesystem::exists(world.base));
}

TEST_CASE("an answer that is no node's status does not pass for one", "[node][status]") {
    CHECK(online_status(R"({"schema":"adaos.node-status/v1","node_id":"n"})").has_value());
    CHECK(!online_status(R"({"hello":"world"})").has_value());
    CHECK(!online_status("<html>").has_value());
    CHECK(!online_status("[]").has_value());
}

TEST_CASE("a join that changed nothing says so", "[node][join]") {
    Joined joined;
    joined.node_id = "n1";
    joined.subnet_id = "sn_12345678";
    joined.hub_url = "http://127.0.0.1:8777";
    joined.activation.reason = "nothing changed";

    CHECK(to_text(joined) ==
          "Already a member of sn_12345678: the code was not used, nothing changed.\n"
          "  Node ID  n1\n  Hub      http://127.0.0.1:8777\n");
    CHECK(to_json(joined).find(R"("reused":true)") != std::string::npos);
    joined.join_url = "http://127.0.0.1:8777/api/node/join";
    CHECK(to_text(joined).starts_with("Joined subnet sn_12345678.\n"));
    CHECK(to_json(joined).find(R"("reused":false)") != std::string::npos);
}

TEST_CASE("status without a running node is what the disk says", "[node][status]") {
    CommandWorld world;

    CHECK(world.run({"node", "status", "--json"}) == 0);
    CHECK(world.out.find(R"("node_id":null)") != std::string::npos);
    (void)identity::load_config(world.dir(), world.random);
    CHECK(world.run({"node", "status", "--json"}) == 0);
    CHECK(world.out.find(R"("role":"hub")") != std::string::npos);
    CHECK(world.out.find(R"("ready":null,"route_mode":null,"connected_to_subnet":null,)"
                         R"("connected_to_hub":null,"cause":"the node is not running")") !=
          std::string::npos);
    CHECK(world.run({"node", "status"}) == 0);
    CHECK(world.out.find("role:                 hub\n") != std::string::npos);
}

TEST_CASE("the control token goes to loopback addresses only", "[node][status]") {
    CommandWorld world;
    world.variables["ADAOS_CONTROL_URL"] = "http://10.1.2.3:8777";

    CHECK(world.run({"node", "members"}) == 2);
    CHECK(world.err.find("ADAOS_CONTROL_URL") != std::string::npos);
    CHECK(world.run({"node", "status", "--control", "http://example.org"}) == 2);
}

}  // namespace adaos::join_command_test

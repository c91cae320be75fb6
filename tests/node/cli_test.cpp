#include "node/cli.hpp"

#include "identity/node_config.hpp"
#include "node/command_world.hpp"
#include "node/folder_lock.hpp"

#include <catch2/catch.hpp>

namespace adaos::cli_test {

using namespace adaos::node;
using test::CommandWorld;

TEST_CASE("words that are no command are a usage error, and leave nothing behind", "[node][cli]") {
    using Words = std::vector<std::string>;
    auto const words = GENERATE(
        Words{}, Words{"nonsense"}, Words{"node"}, Words{"node", "jion"},
        Words{"node", "join", "--cod", "x"}, Words{"node", "join"},
        Words{"hub", "join-code", "create", "--length", "9"},
        Words{"hub", "join-code", "create", "--ttl-min", "0"},
        Words{"hub", "join-code", "create", "--ttl-min", "61"},
        Words{"hub", "join-code", "create", "--ttl-min", "x"},
        Words{"hub", "join-code", "create", "--local", "--root", "https://r"},
        Words{"hub", "join-code", "create", "--hub", "http://10.0.0.1:8777"},
        Words{"node", "join", "--code-file", "/nonexistent", "--root", "https://127.0.0.1:1"},
        Words{"node", "join", "--code-file", "/", "--root", "https://127.0.0.1:1"},
        Words{"demo", "--keep", ""}, Words{"demo", "--keep", "/dev/null"},
        Words{"demo", "--check", "--keep", "/etc"},
        Words{"node", "join", "--code", "env:CODE", "--root", "ftp://x"},
        Words{"node", "join", "--code", "env:CODE", "--root", ""},
        Words{"node", "join", "--code", "env:CODE", "--code-stdin", "--root", "https://r"},
        Words{"node", "join", "--code", "env:CODE", "--root", "https://127.0.0.1:1",
              "--ca-fingerprint", "beef"},
        Words{"node", "join", "--code", "env:CODE", "--root", "https://127.0.0.1:1", "--zone",
              "mars"},
        Words{"node", "join", "--code", "env:CODE", "--root", "https://127.0.0.1:1", "--timeout",
              "0"},
        Words{"node", "join", "--root", "https://127.0.0.1:1"},
        Words{"dev", "root", "init", "--root", "https://127.0.0.1:1", "--subnet-id", "me"},
        Words{"access", "create", "--name", "x", "--scope", "all"},
        Words{"access", "create", "--name", "x", "--scope", "view", "--ttl", "never"});
    CAPTURE(words);
    CommandWorld world;
    world.variables["CODE"] = "ABCD-EFGH";

    auto const code = world.run(words);

    CHECK(code == 2);
    CHECK(world.out.empty());
    CHECK(world.err.find("adaos: error: ADAOS-") == 0);
    CHECK(world.err.find("\nadaos: hint: ") != std::string::npos);
    CHECK(std::count(world.err.begin(), world.err.end(), '\n') == 2);
    CHECK(world.files().empty());
}

TEST_CASE("a word that is nearly a command is suggested", "[node][cli]") {
    CommandWorld world;

    (void)world.run({"node", "jion"});
    CHECK(world.err ==
          "adaos: error: ADAOS-N004 the command was not understood: unknown command jion\n"
          "adaos: hint: Did you mean adaos node join? See adaos node --help\n");
    (void)world.run({"nod", "join"});
    CHECK(world.err.find("Did you mean adaos node?") != std::string::npos);
    (void)world.run({"node", "join", "--cod", "x"});
    CHECK(world.err.find("Did you mean --code?") != std::string::npos);
    (void)world.run({"hub", "join-code", "create", "--tl-min=5"});
    CHECK(world.err.find("unknown option --tl-min\n") != std::string::npos);
    CHECK(world.err.find("Did you mean --ttl-min?") != std::string::npos);
    (void)world.run({"xylophone"});
    CHECK(world.err.find("Did you mean") == std::string::npos);
}

TEST_CASE("a code in the wrong place is not repeated in the error", "[node][cli]") {
    CommandWorld world;

    auto const code = world.run({"node", "join", "ABCD-EFGH", "--root", "https://r"});

    CHECK(code == 2);
    CHECK(world.err.find("ABCD") == std::string::npos);
}

TEST_CASE("help shows examples first, for every command", "[node][cli]") {
    auto const words =
        GENERATE(std::vector<std::string>{"--help"}, std::vector<std::string>{"node", "join", "-h"},
                 std::vector<std::string>{"hub", "join-code", "create", "--help"});
    CommandWorld world;

    auto const code = world.run(words);

    CHECK(code == 0);
    CHECK(world.err.empty());
    auto const examples = world.out.find("Examples:\n  adaos ");
    REQUIRE(examples != std::string::npos);
    CHECK(examples < world.out.find("--"));
}

TEST_CASE("help of a group shows no examples of other commands", "[node][cli]") {
    auto const words = GENERATE(std::vector<std::string>{"node", "--help"},
                                std::vector<std::string>{"hub", "join-code", "--help"});
    CommandWorld world;

    CHECK(world.run(words) == 0);

    CHECK(world.out.find("Examples:") == std::string::npos);
    CHECK(world.out.find("adaos demo") == std::string::npos);
}

TEST_CASE("a filter that no grant could match is refused with the words that could",
          "[node][cli]") {
    CommandWorld world;

    CHECK(world.run({"enrol", "list", "--state", "foo"}) == 2);
    CHECK(world.err.find("live, exhausted, expired, revoked or superseded") != std::string::npos);
    CHECK(world.run({"enrol", "list", "--kind", "foo"}) == 2);
    CHECK(world.err.find("member, node, host, bootstrap or hub") != std::string::npos);
}

TEST_CASE("the version is printed for people and for programs", "[node][cli]") {
    CommandWorld world;

    CHECK(world.run({"--version"}) == 0);
    CHECK(world.out == "adaos " ADAOS_VERSION "\n");
    CHECK(world.run({"--version", "--json"}) == 0);
    CHECK(world.out.find(R"("schema":"adaos.version/v1")") != std::string::npos);
    CHECK(world.out.find("unknown") == std::string::npos);
}

TEST_CASE("with --json an error is an object on stdout, too", "[node][cli]") {
    CommandWorld world;

    auto const code = world.run({"node", "members", "--json"});

    CHECK(code == 3);
    CHECK(world.out.find(R"({"schema":"adaos.error/v1","ok":false,"error":{"code":"ADAOS-N001")") ==
          0);
    CHECK(world.out.find(R"("status":503)") != std::string::npos);
    CHECK(world.err.find("adaos: error: ADAOS-N001 ") == 0);
}

TEST_CASE("a value that an option does not take is called that, not a field of a request",
          "[node][cli]") {
    CommandWorld world;

    CHECK(world.run({"hub", "join-code", "create", "--ttl-min", "0", "--json"}) == 2);

    CHECK(world.err ==
          "adaos: error: ADAOS-N005 an option has a value that is not allowed: --ttl-min: 1 to 60 "
          "minutes are allowed\n"
          "adaos: hint: Correct the option that is named; --help tells what it takes\n");
    CHECK(world.out.find(R"("code":"ADAOS-N005")") != std::string::npos);
}

TEST_CASE("an empty --base-dir is refused and does not mean the home folder", "[node][cli]") {
    CommandWorld world;
    world.variables = {{"HOME", world.folder.path().string()}};
    auto const words = GENERATE(std::vector<std::string>{"--base-dir", "", "node", "status"},
                                std::vector<std::string>{"api", "serve", "--base-dir="});

    CHECK(world.run(words) == 2);

    CHECK(world.err.find("--base-dir") != std::string::npos);
    CHECK(std::filesystem::is_empty(world.folder.path()));
}

TEST_CASE("an empty ADAOS_BASE_DIR is as good as none", "[node][cli]") {
    CommandWorld world;
    world.variables = {{"HOME", world.folder.path().string()}, {"ADAOS_BASE_DIR", ""}};

    CHECK(world.run({"access", "list"}) == 0);

    CHECK(std::filesystem::exists(world.folder.path() / ".adaos"));
}

TEST_CASE("a result that could not be written is an error", "[node][cli]") {
    auto const words = GENERATE(
        std::vector<std::string>{"hub", "join-code", "create", "--local"},
        std::vector<std::string>{"access", "create", "--name", "x", "--scope", "view"},
        std::vector<std::string>{"access", "list"}, std::vector<std::string>{"node", "status"},
        std::vector<std::string>{"--help"}, std::vector<std::string>{"--version"});
    CAPTURE(words);
    CommandWorld world;
    world.out_is_lost = true;

    CHECK(world.run(words) == 1);

    CHECK(world.err.find("ADAOS-N007") != std::string::npos);
}

TEST_CASE("what only a hub can do says so on a member, without asking anyone", "[node][cli]") {
    auto const words = GENERATE(
        std::vector<std::string>{"node", "members"}, std::vector<std::string>{"access", "list"},
        std::vector<std::string>{"access", "create", "--name", "x", "--scope", "view"},
        std::vector<std::string>{"hub", "join-code", "create"},
        std::vector<std::string>{"hub", "join-code", "create", "--local"});
    CAPTURE(words);
    CommandWorld world;
    auto config = identity::load_config(world.dir(), world.random)->config;
    config.role = identity::Role::member;
    config.subnet_id = "sn_0badcafe";
    REQUIRE(identity::save_config(world.dir(), config).has_value());

    CHECK(world.run(words) == 2);

    CHECK(world.err.find("ADAOS-J009") != std::string::npos);
    CHECK(world.err.find("sn_0badcafe") != std::string::npos);
}

TEST_CASE("a second command on a base directory hears of the first, not of a server",
          "[node][cli]") {
    CommandWorld world;
    auto const lock = FolderLock::try_lock(world.dir().state());
    REQUIRE(lock.has_value());
    world.variables["CODE"] = "ABCD-EFGH";

    auto const code =
        world.run({"node", "join", "--code", "env:CODE", "--root", "http://127.0.0.1:1"});

    CHECK(code == 41);
    CHECK(world.err ==
          "adaos: error: ADAOS-S010 another adaos command works in this base directory: " +
              world.base.string() + "\nadaos: hint: Wait for it to end, then try again\n");
}

TEST_CASE("a server that cannot listen names the option", "[node][cli]") {
    auto const host = GENERATE("192.0.2.1", "no such host");
    CommandWorld world;

    CHECK(world.run({"api", "serve", "--host", host, "--port", "0"}) == 78);

    CHECK(world.err.find("ADAOS-S002") != std::string::npos);
    CHECK(world.err.find(std::string("--host: cannot listen on ") + host) != std::string::npos);
}

}  // namespace adaos::cli_test

#include "node/cli.hpp"

#include "base/problem.hpp"
#include "node/command_world.hpp"

#include <catch2/catch.hpp>

using namespace adaos;
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
        Words{"node", "join", "--code", "ABCD-EFGH", "--root", "ftp://x"},
        Words{"node", "join", "--code", "ABCD-EFGH", "--root", ""},
        Words{"node", "join", "--code", "ABCD-EFGH", "--code-stdin", "--root", "https://r"},
        Words{"node", "join", "--code", "ABCD-EFGH", "--root", "https://127.0.0.1:1",
              "--ca-fingerprint", "beef"},
        Words{"node", "join", "--code", "ABCD-EFGH", "--root", "https://127.0.0.1:1", "--zone",
              "mars"},
        Words{"node", "join", "--code", "ABCD-EFGH", "--root", "https://127.0.0.1:1", "--timeout",
              "0"},
        Words{"node", "join", "--root", "https://127.0.0.1:1"},
        Words{"dev", "root", "init", "--root", "https://127.0.0.1:1", "--subnet-id", "me"},
        Words{"access", "create", "--name", "x", "--scope", "all"},
        Words{"access", "create", "--name", "x", "--scope", "view", "--ttl", "never"});
    CAPTURE(words);
    CommandWorld world;

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

TEST_CASE("the version is printed for people and for programs", "[node][cli]") {
    CommandWorld world;

    CHECK(world.run({"--version"}) == 0);
    CHECK(world.out == "adaos " ADAOS_VERSION "\n");
    CHECK(world.run({"--version", "--json"}) == 0);
    CHECK(world.out.find(R"("schema":"adaos.version/v1")") != std::string::npos);
}

TEST_CASE("an error is two lines, whatever its context holds", "[node][cli]") {
    auto const text =
        error_lines(Error(Problem::code_expired, "a\nadaos: hint: b\x1b[1m"), "Go on");

    CHECK(text ==
          "adaos: error: ADAOS-J004 the join code has expired: a adaos: hint: b [1m\n"
          "adaos: hint: Go on\n");
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

TEST_CASE("secrets in the arguments are blotted out in place", "[node][cli]") {
    std::string words[] = {"adaos",  "node", "join",        "--code",  "ABCD-EFGH",
                           "--root", "r",    "--token=xyz", "--codes", "stay"};
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());

    scrub_secrets(argv);

    CHECK(words[4] == "*********");
    CHECK(words[7] == "--token=***");
    CHECK(words[9] == "stay");
    CHECK(words[6] == "r");
}

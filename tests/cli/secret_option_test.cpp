#include "cli/secret_option.hpp"

#include "cli/words.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <catch2/catch.hpp>

#include <sstream>

namespace adaos::secret_option_test {

using namespace adaos::cli;
using From = SecretSource::From;

namespace {

struct Tool {
    std::ostringstream out, err;
    Console console{"tool", out, err};
    CLI::App app{"A tool.", "tool"};
    SecretOption code{"--code", "join code"};
    SecretOption token{"--token", "token", {}, "--token-path"};
    std::string root, id;

    Tool() {
        auto* const join = app.add_subcommand("node", "nodes")->add_subcommand("join", "join");
        add_secret_option(join, code);
        join->add_option("--root", root, "where");
        auto* const show = app.add_subcommand("show", "show");
        add_secret_option(show, token);
        show->add_option("id", id, "which")->required();
    }
    std::optional<int> run(std::vector<std::string> words) {
        return parse(app, std::move(words), console);
    }
    /// What `ps` shows afterwards.
    std::vector<std::string> hidden(std::vector<std::string> words) const {
        std::vector<char*> argv;
        for (auto& word : words) argv.push_back(word.data());
        hide_literals(app, argv);
        return words;
    }
};

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("every way of saying where a secret is leads to one place", "[cli][secret]") {
    Tool tool;

    SECTION("a source") {
        CHECK(!tool.run({"node", "join", "--code", "file:/x", "--root", "r"}));
        CHECK(tool.code.source.place == "/x");
        CHECK(tool.root == "r");
    }
    SECTION("a source behind =") {
        CHECK(!tool.run({"node", "join", "--code=env:X"}));
        CHECK(tool.code.source.from == From::variable);
    }
    SECTION("a dash") {
        CHECK(!tool.run({"node", "join", "--code", "-"}));
        CHECK(tool.code.source.from == From::input);
    }
    SECTION("no value, at the end or before an option") {
        CHECK(!tool.run({"node", "join", "--code", "--root", "r"}));
        CHECK(tool.code.source.from == From::prompt);
        CHECK(tool.root == "r");
    }
    SECTION("an option for a file") {
        CHECK(!tool.run({"node", "join", "--code-file", "env:odd name"}));
        CHECK(tool.code.source.from == From::file);
        CHECK(tool.code.source.place == "env:odd name");
    }
    SECTION("another name of that") {
        CHECK(!tool.run({"show", "--token-path", "/x", "id"}));
        CHECK(tool.token.source.place == "/x");
        CHECK(tool.id == "id");
    }
    SECTION("an option for a variable") {
        CHECK(!tool.run({"node", "join", "--code-env", "X"}));
        CHECK(tool.code.source.place == "X");
    }
    SECTION("an option for standard input") {
        CHECK(!tool.run({"node", "join", "--code-stdin"}));
        CHECK(tool.code.source.from == From::input);
    }
    CHECK(tool.err.str().empty());
}

TEST_CASE("a secret comes from one place", "[cli][secret]") {
    for (auto const& more : {Words{"--code", "env:X"}, Words{"--code-env", "X"},
                             Words{"--code-file", "x"}, Words{"--code", "QRST-UVWX"}}) {
        Tool tool;
        Words words{"node", "join", "--code", "ABCD-EFGH"};
        words.insert(words.end(), more.begin(), more.end());

        CHECK(tool.run(words) == 2);

        CHECK(tool.err.str().find("--code") != std::string::npos);
        CHECK(tool.err.str().find("ABCD") == std::string::npos);
        CHECK(tool.err.str().find("QRST") == std::string::npos);
    }
}

TEST_CASE("a refusal names every option that could have been given", "[cli][secret]") {
    Tool tool;

    CHECK(tool.run({"show", "--token", "xyz", "--token-env", "X", "id"}) == 2);

    CHECK(tool.err.str().find("more than one of --token, --token-path, --token-env or "
                              "--token-stdin was given") != std::string::npos);
    CHECK(tool.err.str().find("xyz") == std::string::npos);
}

TEST_CASE("a secret on the command line works and is warned of in one line", "[cli][secret]") {
    Tool tool;

    CHECK(!tool.run({"node", "join", "--code", "ABCD-EFGH"}));

    CHECK(tool.code.source.literal.reveal() == "ABCD-EFGH");
    CHECK(tool.err.str() ==
          "tool: warning: --code: a secret on the command line stays in the shell's history, and "
          "others may have seen it; safer: --code file:PATH, env:NAME, - (stdin) or prompt\n");
}

TEST_CASE("secrets in argv are overwritten in place, places are not", "[cli][secret]") {
    Tool const tool;

    CHECK(tool.hidden({"tool", "node", "join", "--code", "ABCD-EFGH", "--root", "r"}) ==
          Words{"tool", "node", "join", "--code", "*********", "--root", "r"});
    CHECK(tool.hidden({"tool", "node", "join", "--code=ABCD"}) ==
          Words{"tool", "node", "join", "--code=****"});
    CHECK(tool.hidden({"tool", "show", "--token", "xyz", "id"}) ==
          Words{"tool", "show", "--token", "***", "id"});
    CHECK(tool.hidden({"tool", "node", "join", "--code=", "ABCD"}) ==
          Words{"tool", "node", "join", "--code=", "****"});
    for (auto const& words :
         {Words{"tool", "node", "join", "--code", "--root", "r"}, Words{"tool", "--code", "file:x"},
          Words{"tool", "--code=env:X"}, Words{"tool", "--code", "-", "x"}, Words{"tool", "--code"},
          Words{"tool", "--code-file", "x"}, Words{"tool", "--codes", "x"}})
        CHECK(tool.hidden(words) == words);
}

TEST_CASE("a secret is hidden also where the command is misspelled", "[cli][secret]") {
    CHECK(Tool().hidden({"tool", "nod", "jion", "--code", "ABCD"}).back() == "****");
}

}  // namespace adaos::secret_option_test

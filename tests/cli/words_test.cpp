#include "cli/words.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <catch2/catch.hpp>

#include <sstream>

namespace adaos::words_test {

using namespace adaos::cli;

namespace {

struct Program {
    std::ostringstream out, err;
    Console console{"tool", out, err};
    CLI::App app{"A tool.", "tool"};
    std::optional<std::string> base_dir;
    bool quiet = false;

    Program() {
        show_examples_first(app);
        app.footer("  tool serve");
        app.add_option("--base-dir", base_dir, "folder");
        auto* const serve = app.add_subcommand("serve", "serve");
        serve->footer("  tool serve --quietly");
        serve->add_flag("--quietly", quiet, "say nothing");
        serve->fallthrough();
    }
    std::optional<int> run(std::vector<std::string> words) {
        return parse(app, std::move(words), console);
    }
};

}  // namespace

TEST_CASE("words that are understood go on", "[cli]") {
    Program program;

    CHECK(!program.run({"serve", "--base-dir", "x"}));
    CHECK(program.base_dir == "x");
}

TEST_CASE("help is the result, with the examples first", "[cli]") {
    Program program;

    CHECK(program.run({"serve", "--help"}) == 0);
    CHECK(program.out.str().find("Examples:\n  tool serve --quietly\n") != std::string::npos);
    CHECK(program.out.str().find("Examples:") < program.out.str().find("Usage:"));
    CHECK(program.err.str().empty());
}

TEST_CASE("what was not understood is exit 2, with what was meant", "[cli]") {
    Program program;

    SECTION("a word") {
        CHECK(program.run({"srve"}) == 2);
        CHECK(program.err.str().find("Did you mean tool serve? See tool --help") !=
              std::string::npos);
    }
    SECTION("an option of the verb") {
        CHECK(program.run({"serve", "--quitely"}) == 2);
        CHECK(program.err.str().find("Did you mean --quietly? See tool serve --help") !=
              std::string::npos);
    }
    SECTION("an option of the program, behind the verb") {
        CHECK(program.run({"serve", "--base-dri", "x"}) == 2);
        CHECK(program.err.str().find("Did you mean --base-dir?") != std::string::npos);
    }
}

TEST_CASE("a base directory is not empty", "[cli]") {
    CHECK(check_base_dir(std::nullopt).has_value());
    CHECK(check_base_dir("x").has_value());
    CHECK(!check_base_dir("").has_value());
}

}  // namespace adaos::words_test

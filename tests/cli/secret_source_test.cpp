#include "cli/secret_source.hpp"

#include "base/problem.hpp"
#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace adaos::secret_source_test {

using namespace adaos::cli;
namespace fs = std::filesystem;

namespace {

struct Asker {
    test::TempDir folder;
    std::istringstream in;
    std::ostringstream err;
    std::map<std::string, std::string> variables;
    AskHidden ask;

    Result<Secret> read(std::string const& source, std::string const& usual = {}) {
        SecretOption option{"--code", "join code", usual};
        if (source != "nothing") option.source = parse_secret_source(source);
        auto const env = [this](char const* name) -> std::optional<std::string> {
            auto const found = variables.find(name);
            if (found == variables.end()) return std::nullopt;
            return found->second;
        };
        return read_secret(option, {"adaos", in, err, env, ask});
    }
    std::string good(std::string const& source, std::string const& usual = {}) {
        auto const found = read(source, usual);
        return found ? found->reveal() : "error: " + found.error().message();
    }
    /// Why it was refused.
    std::string bad(std::string const& source, std::string const& usual = {}) {
        auto const found = read(source, usual);
        if (found) return "no error";
        CHECK(found.error().code == Problem::secret_unreadable);
        return found.error().context;
    }
    std::string file(std::string const& text, fs::perms mode = fs::perms::owner_all) {
        auto const path = folder.path() / "secret";
        std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
        fs::permissions(path, mode);
        return path.string();
    }
};

}  // namespace

TEST_CASE("a value of an option is a place, or the secret itself", "[cli][secret]") {
    using From = SecretSource::From;

    CHECK(parse_secret_source("-").from == From::input);
    CHECK(parse_secret_source("prompt").from == From::prompt);
    CHECK(parse_secret_source("file:/a b").place == "/a b");
    CHECK(parse_secret_source("env:NAME").place == "NAME");
    CHECK(parse_secret_source("ABCD-EFGH").literal.reveal() == "ABCD-EFGH");
    CHECK(parse_secret_source("@/etc/passwd").from == From::literal);
    CHECK(parse_secret_source("--").from == From::literal);
}

TEST_CASE("a secret is read from its place without the blanks around it", "[cli][secret]") {
    Asker asker;
    asker.variables["NAME"] = "\tin the variable ";
    asker.in.str(" on stdin \nnot this\n");

    CHECK(asker.good(" typed ") == "typed");
    CHECK(asker.good("file:" + asker.file("  in the file\r\n")) == "in the file");
    CHECK(asker.good("env:NAME") == "in the variable");
    CHECK(asker.good("-") == "on stdin");
    CHECK(asker.err.str().empty());
}

TEST_CASE("a link and a pipe are files, too", "[cli][secret]") {
    Asker asker;
    fs::create_symlink(asker.file("linked"), asker.folder.path() / "link");

    CHECK(asker.good("file:" + (asker.folder.path() / "link").string()) == "linked");
}

TEST_CASE("a file that everybody can read is taken with a warning", "[cli][secret]") {
    Asker asker;
    auto const path = asker.file("x", fs::perms::owner_all | fs::perms::others_read);

    CHECK(asker.good("file:" + path) == "x");
    CHECK(asker.err.str() == "adaos: warning: --code: every user of this machine can read " + path +
                                 "; chmod 600 makes it the owner's alone\n");
}

TEST_CASE("a file that is missing, empty, too large or a folder is refused", "[cli][secret]") {
    Asker asker;
    auto const folder = asker.folder.path().string();

    CHECK(asker.bad("file:/nonexistent/x") == "--code: /nonexistent/x: No such file or directory");
    CHECK(asker.bad("file:") == "--code: : No such file or directory");
    CHECK(asker.bad("file:" + folder) == "--code: " + folder + " is a folder");
    CHECK(asker.bad("file:" + asker.file(" \n")).ends_with("secret is empty"));
    CHECK(asker.bad("file:" + asker.file(std::string(max_secret + 1, 'x')))
              .ends_with("secret has more than 4096 bytes"));
    CHECK(asker.good("file:" + asker.file(std::string(max_secret, 'x'))).size() == max_secret);
    CHECK(asker.bad("file:/dev/zero").ends_with("has more than 4096 bytes"));
}

TEST_CASE("what is not one line is no secret, and is not repeated", "[cli][secret]") {
    Asker asker;

    auto const why = asker.bad("file:" + asker.file("first\nsecond"));

    CHECK(why.ends_with("secret is not one line of text"));
    CHECK(why.find("first") == std::string::npos);
    CHECK(asker.bad(std::string("a\0b", 3)) == "--code: it is not one line of text");
}

TEST_CASE("a variable that is not set or empty is refused", "[cli][secret]") {
    Asker asker;
    asker.variables["BLANK"] = "  ";

    CHECK(asker.bad("env:GONE") == "--code: the variable GONE is not set");
    CHECK(asker.bad("env:BLANK") == "--code: the variable BLANK is empty");
}

TEST_CASE("standard input without a first line is refused", "[cli][secret]") {
    Asker asker;

    CHECK(asker.bad("-") == "--code: standard input is empty");
    asker.in.clear();
    asker.in.str("\nsecond");
    CHECK(asker.bad("-") == "--code: standard input is empty");
    asker.in.clear();
    asker.in.str(std::string(100000, 'x'));
    CHECK(asker.bad("-") == "--code: standard input has more than 4096 bytes");
}

TEST_CASE("without an option the usual variable is read, unless it is empty", "[cli][secret]") {
    Asker asker;
    asker.variables["ADAOS_JOIN_CODE"] = "usual";

    CHECK(asker.good("nothing", "ADAOS_JOIN_CODE") == "usual");
    CHECK(asker.good("typed", "ADAOS_JOIN_CODE") == "typed");
    asker.variables["ADAOS_JOIN_CODE"] = "";
    CHECK(asker.bad("nothing", "ADAOS_JOIN_CODE") ==
          "no join code was given: --code, --code-file, --code-env or --code-stdin, or the "
          "variable ADAOS_JOIN_CODE, tells where it is");
    CHECK(asker.bad("nothing").starts_with("no join code was given: --code, "));
}

TEST_CASE("only at a terminal is a secret asked for", "[cli][secret]") {
    Asker asker;
    asker.in.str("on stdin");
    asker.variables["NAME"] = "usual";

    CHECK(asker.bad("prompt") == "--code: to ask for it, standard input must be a terminal");

    std::string question;
    asker.ask = [&](std::ostream&, std::string_view asked) -> Result<Secret> {
        question = asked;
        return Secret(" typed ");
    };
    CHECK(asker.good("prompt") == "typed");
    CHECK(question == "adaos: join code (not shown): ");
    CHECK(asker.good("-") == "typed");
    CHECK(asker.good("nothing") == "typed");
    CHECK(asker.good("nothing", "NAME") == "usual");

    asker.ask = [](std::ostream&, std::string_view) -> Result<Secret> { return Secret("\t"); };
    CHECK(asker.bad("prompt") == "--code: what was typed is empty");
}

}  // namespace adaos::secret_source_test

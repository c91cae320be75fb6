#include "cli/spelling.hpp"

#include <catch2/catch.hpp>

namespace adaos::spelling_test {

using namespace adaos::cli;

TEST_CASE("the nearest word is the one with the fewest changes, if any is near", "[cli]") {
    std::vector<std::string> const known{"join", "status", "members"};

    CHECK(nearest("jion", known) == "join");
    CHECK(nearest("stat", known) == "status");
    CHECK(nearest("xylophone", known).empty());
    CHECK(nearest("", known).empty());
}

TEST_CASE("a word is quoted only when a shell would read it otherwise", "[cli]") {
    CHECK(shell_word("/home/me/root_ca.pem") == "/home/me/root_ca.pem");
    CHECK(shell_word("/home/my files/ca.pem") == "'/home/my files/ca.pem'");
    CHECK(shell_word("it's") == "'it'\\''s'");
    CHECK(shell_word("$(reboot)") == "'$(reboot)'");
    CHECK(shell_word("") == "''");
}

}  // namespace adaos::spelling_test

#include "cli/console.hpp"

#include "base/problem.hpp"
#include "cli/listening.hpp"

#include <boost/system/errc.hpp>

#include <catch2/catch.hpp>

#include <sstream>

namespace adaos::console_test {

using namespace adaos::cli;

TEST_CASE("an error is two lines, whatever its context holds", "[cli]") {
    auto const text =
        error_lines("adaos", Error(Problem::code_expired, "a\nadaos: hint: b\x1b[1m"), "Go on");

    CHECK(text ==
          "adaos: error: ADAOS-J004 the join code has expired: a adaos: hint: b [1m\n"
          "adaos: hint: Go on\n");
}

TEST_CASE("a result that got out leaves the exit code alone, one that did not is an error",
          "[cli]") {
    std::ostringstream out, err;
    Console const console{"adaos", out, err};

    CHECK(finish(console, 0) == 0);
    out.setstate(std::ios::badbit);
    CHECK(finish(console, 3) == 3);
    CHECK(err.str().empty());
    CHECK(finish(console, 0) == 1);
    CHECK(err.str().starts_with("adaos: error: ADAOS-N007 "));
}

TEST_CASE("on a command line a wrong field is a wrong option", "[cli]") {
    std::ostringstream out, err;
    Console const console{"adaos-root", out, err, true};

    CHECK(fail(console, Error(Problem::invalid_field, "--zone: mars")) == 2);

    CHECK(err.str().starts_with("adaos-root: error: ADAOS-N005 "));
    CHECK(out.str().find("ADAOS-N005") != std::string::npos);
}

TEST_CASE("a server that cannot listen says which option is at fault", "[cli]") {
    namespace errc = boost::system::errc;
    auto const not_ours = make_error_code(errc::address_not_available);

    auto const host = explain_listening(Error(not_ours, "listen on 192.0.2.1:80"), "192.0.2.1:80");
    CHECK(host.error.code == Problem::config_invalid);
    CHECK(host.error.context.starts_with("--host: cannot listen on 192.0.2.1:80: "));

    auto const port = explain_listening(Error(Problem::permission, "127.0.0.1:80"), "127.0.0.1:80");
    CHECK(port.error.code == Problem::permission);
    CHECK(port.error.context.find("--port") == 0);
    CHECK(port.hint.find("1024") != std::string::npos);

    auto const file = explain_listening(Error(Problem::permission, "read /x"), "127.0.0.1:80");
    CHECK(file.error.context == "read /x");
    CHECK(file.hint == describe(Problem::permission).next);
}

}  // namespace adaos::console_test

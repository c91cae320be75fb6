#include "service/service.hpp"

#include "base/problem.hpp"

#include <catch2/catch.hpp>

namespace adaos::service_test {

using namespace adaos::service;
using Speaks = Target::Speaks;

TEST_CASE("a target says where a service listens and what it speaks", "[service]") {
    struct Row {
        char const* text;
        Speaks speaks;
        char const* host;
        std::uint16_t port;
        char const* authority;
    };
    auto const row = GENERATE(values<Row>({
        {"http://127.0.0.1:3000", Speaks::http, "127.0.0.1", 3000, "127.0.0.1:3000"},
        {"http://127.0.0.1:3000/", Speaks::http, "127.0.0.1", 3000, "127.0.0.1:3000"},
        {"http://nas.local", Speaks::http, "nas.local", 80, "nas.local"},
        {"http://[::1]:8080", Speaks::http, "::1", 8080, "[::1]:8080"},
        {"tcp://127.0.0.1:22", Speaks::tcp, "127.0.0.1", 22, "127.0.0.1:22"},
        {"tcp://[::1]:22", Speaks::tcp, "::1", 22, "[::1]:22"},
        {"unix:/run/app.sock", Speaks::http, "/run/app.sock", 0, ""},
        {"tcp+unix:/run/db.sock", Speaks::tcp, "/run/db.sock", 0, ""},
    }));
    CAPTURE(row.text);

    auto const target = parse_target(row.text);

    REQUIRE(target.has_value());
    CHECK(target->speaks == row.speaks);
    CHECK(target->at.host == row.host);
    CHECK(target->at.port == row.port);
    CHECK(target->authority == row.authority);
}

TEST_CASE("a target that is no whole origin is refused", "[service]") {
    auto const text =
        GENERATE("", "127.0.0.1:22", "https://a", "ftp://a", "http://", "http:///", "http://a/b",
                 "http://a?b", "http://a#b", "http://u@a", "http://a:0", "http://a:99999",
                 "tcp://a", "tcp://a:22/x", "tcp://[::1]", "unix:", "unix:run", "tcp+unix:x",
                 "http://a b", "http://a\n", "http://\xc3\xa9");
    CAPTURE(text);

    auto const target = parse_target(text);

    REQUIRE(target.has_error());
    CHECK(target.error().code == Problem::invalid_field);
}

TEST_CASE("the path of a socket file may have what the kernel takes", "[service]") {
    CHECK(parse_target("unix:/" + std::string(106, 'a')).has_value());
    CHECK(parse_target("unix:/" + std::string(107, 'a')).has_error());
}

TEST_CASE("rules that contradict each other are refused", "[service]") {
    Service one{"blog", "http://127.0.0.1:1", false, std::nullopt, false};
    CHECK(check(one).has_value());

    one.open = true;
    CHECK(check(one).has_value());
    one.scope = enrol::Scope::view;
    CHECK(check(one).has_error());
    one.open = false;
    CHECK(check(one).has_value());
    one.proxy_protocol = true;
    CHECK(check(one).has_error());
    one.target = "tcp://127.0.0.1:1";
    CHECK(check(one).has_value());
    one.name = "Blog";
    CHECK(check(one).has_error());
}

}  // namespace adaos::service_test

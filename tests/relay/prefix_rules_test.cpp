#include "relay/prefix_rules.hpp"

#include <catch2/catch.hpp>

namespace adaos::prefix_rules_test {

using namespace adaos::relay;

namespace {

Seen const blog{"/hubs/sn_00000001/svc/blog", "https://root.example", "127.0.0.1:3000"};

std::string translated(std::string name, std::string value) {
    net::ResponseHead head;
    head.fields.add(name, std::move(value));
    translate_answer(head, blog);
    auto const* const found = head.fields.find(name);
    return found ? *found : "(absent)";
}

std::string pinned(std::string name, std::string value,
                   std::string_view path = "/hubs/sn_00000001/x") {
    net::ResponseHead head;
    head.fields.add(name, std::move(value));
    pin_answer(head, "/hubs/sn_00000001", path);
    auto const* const found = head.fields.find(name);
    return found ? *found : "(absent)";
}

}  // namespace

TEST_CASE("a redirect of a service leads to where the service is seen", "[relay][prefix]") {
    auto const [from, to] = GENERATE(table<std::string, std::string>({
        {"/login", "/hubs/sn_00000001/svc/blog/login"},
        {"/", "/hubs/sn_00000001/svc/blog/"},
        {"/a?next=/b#c", "/hubs/sn_00000001/svc/blog/a?next=/b#c"},
        {"http://127.0.0.1:3000/a", "https://root.example/hubs/sn_00000001/svc/blog/a"},
        {"http://127.0.0.1:3000", "https://root.example/hubs/sn_00000001/svc/blog/"},
        {"https://ROOT.example/a", "https://root.example/hubs/sn_00000001/svc/blog/a"},
        {"//root.example/a", "https://root.example/hubs/sn_00000001/svc/blog/a"},
        // leads there already
        {"/hubs/sn_00000001/svc/blog/a", "/hubs/sn_00000001/svc/blog/a"},
        {"https://root.example/hubs/sn_00000001/svc/blog?a",
         "https://root.example/hubs/sn_00000001/svc/blog?a"},
        // only looks like it
        {"/hubs/sn_00000001/svc/blogs", "/hubs/sn_00000001/svc/blog/hubs/sn_00000001/svc/blogs"},
        // somebody else's, or relative
        {"https://other.example/a", "https://other.example/a"},
        {"//other.example/a", "//other.example/a"},
        {"a/b", "a/b"},
        {"?a", "?a"},
        {"", ""},
        {"mailto:me@example.org", "mailto:me@example.org"},
    }));
    CAPTURE(from);

    CHECK(translated("Location", from) == to);
    CHECK(translated("Content-Location", from) == to);
}

TEST_CASE("a refresh is a redirect, too", "[relay][prefix]") {
    CHECK(translated("Refresh", "5; url=/a") == "5; url=/hubs/sn_00000001/svc/blog/a");
    CHECK(translated("Refresh", "0;URL='/a'") == "0;URL='/hubs/sn_00000001/svc/blog/a'");
    CHECK(translated("Refresh", "5") == "5");
    CHECK(translated("Refresh", "url=") == "url=");
    CHECK(translated("Refresh", "0; url='") == "0; url=''");
}

TEST_CASE("a cookie of a service is for where the service is seen", "[relay][prefix]") {
    auto const [from, to] = GENERATE(table<std::string, std::string>({
        {"a=1; Path=/", "a=1; Path=/hubs/sn_00000001/svc/blog/"},
        {"a=1; path=/x; HttpOnly", "a=1; HttpOnly; Path=/hubs/sn_00000001/svc/blog/x"},
        {"a=1", "a=1"},
        {"a=1; Path=x", "a=1"},
        {"a=1; Domain=root.example; Secure", "a=1; Secure"},
        {"a=1; Path=/hubs/sn_00000001/svc/blog/x", "a=1; Path=/hubs/sn_00000001/svc/blog/x"},
        {"path=/; Path=/", "path=/; Path=/hubs/sn_00000001/svc/blog/"},
        {"a=1; Path=/x; Path=/y", "a=1; Path=/hubs/sn_00000001/svc/blog/y"},
    }));
    CAPTURE(from);

    CHECK(translated("Set-Cookie", from) == to);
}

TEST_CASE("no cookie of a subnet reaches another path or host", "[relay][prefix]") {
    auto const [from, to] = GENERATE(table<std::string, std::string>({
        {"a=1; Path=/", "a=1; Path=/hubs/sn_00000001/"},
        {"a=1; Path=/hubs/sn_00000002/", "a=1; Path=/hubs/sn_00000001/"},
        {"a=1; Path=/hubs/sn_000000011", "a=1; Path=/hubs/sn_00000001/"},
        {"a=1; Path=/hubs/sn_00000001/b", "a=1; Path=/hubs/sn_00000001/b"},
        {"a=1; Path=/hubs/sn_00000001/b; Path=/", "a=1; Path=/hubs/sn_00000001/"},
        {"a=1; Domain=example; Path=/", "a=1; Path=/hubs/sn_00000001/"},
        {"a=1", "a=1"},
    }));
    CAPTURE(from);

    CHECK(pinned("Set-Cookie", from) == to);
}

TEST_CASE("a cookie without a path is pinned where the default would be wider", "[relay][prefix]") {
    CHECK(pinned("Set-Cookie", "a=1", "/hubs/sn_00000001") == "a=1; Path=/hubs/sn_00000001/");
    CHECK(pinned("Set-Cookie", "a=1", "/hubs/sn_00000001/") == "a=1");
}

TEST_CASE("what reaches a whole origin stays with the subnet", "[relay][prefix]") {
    CHECK(pinned("Clear-Site-Data", "\"*\"") == "(absent)");
    CHECK(pinned("Service-Worker-Allowed", "/") == "(absent)");
    CHECK(pinned("Service-Worker-Allowed", "/hubs/sn_00000002/") == "(absent)");
    CHECK(pinned("Service-Worker-Allowed", "/hubs/sn_00000001/b/") == "/hubs/sn_00000001/b/");
    CHECK(pinned("X-Other", "/") == "/");
}

}  // namespace adaos::prefix_rules_test

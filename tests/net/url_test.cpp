#include "base/problem.hpp"
#include "net/http_client.hpp"

#include <catch2/catch.hpp>

namespace adaos::url_test {

using namespace adaos::net;

TEST_CASE("a URL is taken apart", "[net][url]") {
    struct Row {
        std::string text, scheme, host;
        std::uint16_t port;
        std::string path, origin, authority;
    };
    auto const row = GENERATE(values<Row>({
        {"http://h", "http", "h", 80, "/", "http://h", "h"},
        {"HTTPS://Example.COM/", "https", "example.com", 443, "/", "https://example.com",
         "example.com"},
        {"http://h:8777/a/b?c=d#e", "http", "h", 8777, "/a/b?c=d", "http://h:8777", "h:8777"},
        {"http://h?x", "http", "h", 80, "/?x", "http://h", "h"},
        {"http://h#x", "http", "h", 80, "/", "http://h", "h"},
        {"https://h:443", "https", "h", 443, "/", "https://h", "h"},
        {"http://h:443", "http", "h", 443, "/", "http://h:443", "h:443"},
        {"http://10.0.0.1:65535/", "http", "10.0.0.1", 65535, "/", "http://10.0.0.1:65535",
         "10.0.0.1:65535"},
        {"http://[FE80::1]:8777/x", "http", "fe80::1", 8777, "/x", "http://[fe80::1]:8777",
         "[fe80::1]:8777"},
        {"https://[::1]", "https", "::1", 443, "/", "https://[::1]", "[::1]"},
        {"http://h/a%2Fb", "http", "h", 80, "/a%2Fb", "http://h", "h"},
    }));
    CAPTURE(row.text);

    auto const url = parse_url(row.text);

    REQUIRE(url.has_value());
    CHECK(url->scheme == row.scheme);
    CHECK(url->host == row.host);
    CHECK(url->port == row.port);
    CHECK(url->path == row.path);
    CHECK(url->origin() == row.origin);
    CHECK(url->authority() == row.authority);
}

TEST_CASE("what is no http or https URL is refused with its text", "[net][url]") {
    auto const text = GENERATE(values<std::string>({"",
                                                    "h",
                                                    "h:80",
                                                    "/x",
                                                    "http:/h",
                                                    "http:h",
                                                    "ftp://h",
                                                    "ws://h",
                                                    "http://",
                                                    "http:///x",
                                                    "http://:80",
                                                    "http://h:",
                                                    "http://h:0",
                                                    "http://h:65536",
                                                    "http://h:99999999999",
                                                    "http://h:8x",
                                                    "http://h:80:80",
                                                    "http://h:-1",
                                                    "http://h h/",
                                                    "http://h/a b",
                                                    "http://h/\r\nX: y",
                                                    "http://h\r\n",
                                                    "http://::1/",
                                                    "http://[::1",
                                                    "http://::1]",
                                                    "http://[]/",
                                                    "http://[::1]x/",
                                                    "http://[h]/",
                                                    "http://h\xc3\xa9/",
                                                    "http://h/\xc3\xa9",
                                                    " http://h",
                                                    "http://h ",
                                                    "http://h\\x",
                                                    "http://h%41/"}));
    CAPTURE(text);

    auto const url = parse_url(text);

    REQUIRE(url.has_error());
    CHECK(url.error().code == Problem::invalid_field);
    CHECK(url.error().context.find(text) != std::string::npos);
}

TEST_CASE("a URL with a user part is refused and not repeated", "[net][url]") {
    auto const url = parse_url("http://me:secret@h/");

    REQUIRE(url.has_error());
    CHECK(url.error().code == Problem::invalid_field);
    CHECK(url.error().context.find("secret") == std::string::npos);
}

}  // namespace adaos::url_test

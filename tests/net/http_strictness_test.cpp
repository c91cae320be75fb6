#include "net/http_codec.hpp"

#include "support/http_parse.hpp"

namespace adaos::http_strictness_test {

using namespace adaos::net;
using test::all, test::get_with, test::parse, test::post, test::Role;

TEST_CASE("ambiguous and broken requests are refused", "[net][http][smuggling]") {
    auto const chunk = GENERATE(std::size_t{1}, std::size_t{7}, all);
    std::string const te = "Transfer-Encoding: chunked\r\n";
    auto const wire = GENERATE_COPY(values<std::string>({
        // lengths (threat 37)
        post("Content-Length: 5\r\n" + te, "0\r\n\r\n"),
        post(te + "Content-Length: 5\r\n", "0\r\n\r\n"),
        post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
        post("Content-Length: 5\r\ncontent-length: 6\r\n", "hello"),
        post("Content-Length: 5, 5\r\n", "hello"),
        post("Content-Length: 5,\r\n", "hello"),
        post("Content-Length: +5\r\n", "hello"),
        post("Content-Length: -5\r\n", "hello"),
        post("Content-Length: 0x5\r\n", "hello"),
        post("Content-Length: 5 5\r\n", "hello"),
        post("Content-Length:\r\n", "hello"),
        post("Content-Length: 18446744073709551621\r\n", "hello"),
        post("Content-Length: 99999999999999999999999\r\n", "hello"),
        // codings
        post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding: gzip\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding: identity\r\n", ""),
        post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding:\r\n", ""),
        post("Transfer-Encoding: \x0b"
             "chunked\r\n",
             "0\r\n\r\n"),
        post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        post(te + te, "0\r\n\r\n"),
        post("Content-Length: 3\r\nTransfer-Encoding: xchunked\r\n", "abc"),
        std::string("POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        // chunks (38)
        post(te, "g\r\n\r\n"),
        post(te, "\r\n\r\n"),
        post(te, "0x5\r\nhello\r\n0\r\n\r\n"),
        post(te, "-5\r\nhello\r\n0\r\n\r\n"),
        post(te, " 5\r\nhello\r\n0\r\n\r\n"),
        post(te, "5 \r\nhello\r\n0\r\n\r\n"),
        post(te, "5\nhello\r\n0\r\n\r\n"),
        post(te, "5\rhello\r\n0\r\n\r\n"),
        post(te, "5\r\nhello\n0\r\n\r\n"),
        post(te, "5\r\nhello0\r\n\r\n"),
        post(te, "5\r\nhelloX\r\n0\r\n\r\n"),
        post(te, "5;a\nb\r\nhello\r\n0\r\n\r\n"),
        post(te, "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"),
        post(te, "00000000000000005\r\nhello\r\n0\r\n\r\n"),
        post(te, "10000000000000000\r\nhello\r\n0\r\n\r\n"),
        post(te, "5;" + std::string(2000, 'a') + "\r\nhello\r\n0\r\n\r\n"),
        post(te, "0\r\nA : b\r\n\r\n"),
        post(te, "0\r\nA: b\n\r\n"),
        post(te, "0\r\n A: b\r\n\r\n"),
        post(te, "0\r\nContent-Length: 3\r\n\r\n"),
        post(te, "0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        post(te, "0\r\nHost: evil\r\n\r\n"),
        // lines and fields (39)
        get_with("A: b\n"),
        get_with("A: b\rC: d\r\n"),
        get_with("A: b\r\r\n"),
        get_with("A: b\r\n c\r\n"),
        get_with("A: b\r\n\tc\r\n"),
        get_with("A : b\r\n"),
        get_with(" A: b\r\n"),
        get_with("A\r\n"),
        get_with(": b\r\n"),
        get_with("A(: b\r\n"),
        get_with("A\xc3\xa9: b\r\n"),
        get_with(std::string("A: b\0c\r\n", 8)),
        get_with("A: b\x01\r\n"),
        get_with("A: b\x7f\r\n"),
        std::string("GET / HTTP/1.1\r\n Host: h\r\n\r\n"),
        // the start line
        std::string("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("GET  / HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("GET /  HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("GET / HTTP/1.1 \r\nHost: h\r\n\r\n"),
        std::string(" GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("GET\t/\tHTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("GET /#a HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("GET * HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("G(T / HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("GET /\r\n\r\n"),
        std::string("GET / HTTP/1.2\r\nHost: h\r\n\r\n"),
        std::string("GET / HTTP/2.0\r\nHost: h\r\n\r\n"),
        std::string("GET / http/1.1\r\nHost: h\r\n\r\n"),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        std::string("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("\x16\x03\x01\x02"),
        // Host
        std::string("GET / HTTP/1.1\r\nA: b\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
        std::string("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"),
    }));
    CAPTURE(chunk, wire);

    auto const got = parse(Role::request, wire, chunk);

    CHECK(got.error == HttpErrc::bad_message);
}

TEST_CASE("CONNECT and TRACE are not supported", "[net][http][smuggling]") {
    auto const wire = GENERATE(values<std::string>(
        {"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n"}));
    CAPTURE(wire);

    CHECK(parse(Role::request, wire, all).error == HttpErrc::unsupported);
}

TEST_CASE("ambiguous and broken answers are refused", "[net][http][smuggling]") {
    auto const chunk = GENERATE(std::size_t{1}, std::size_t{7}, all);
    auto const wire = GENERATE(values<std::string>({
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\na",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n",
        "HTTP/1.1 200 O\rK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n\r\n",
    }));
    CAPTURE(chunk, wire);

    auto const got = parse(Role::response, wire, chunk);

    CHECK(got.error == HttpErrc::bad_message);
}

TEST_CASE("heads that could be split are not written", "[net][http][smuggling]") {
    auto const bad = GENERATE(
        values<std::string>({"a\r\nb", "a\nb", "a\rb", std::string("a\0", 2), "a\x01", "a\x7f"}));
    CAPTURE(bad);
    RequestHead request{"GET", "/", {}};
    request.fields.add("A", bad);
    ResponseHead response{200, bad, {}};
    RequestHead name{"GET", "/", {}};
    name.fields.add(bad, "x");

    CHECK(serialize(request, {}).has_error());
    CHECK(serialize(response, {}).has_error());
    CHECK(serialize(name, {}).has_error());
    CHECK(serialize(RequestHead{"GET", "/" + bad, {}}, {}).has_error());
    CHECK(serialize(RequestHead{bad, "/", {}}, {}).has_error());
}

}  // namespace adaos::http_strictness_test

#include "net/http_codec.hpp"

#include "base/bytes.hpp"

#include <catch2/catch.hpp>

using namespace adaos;
using namespace adaos::net;

namespace {

using Role = HttpParser::Role;

struct Parsed {
    boost::system::error_code error;
    RequestHead request;
    ResponseHead response;
    Framing framing;
    std::string body, trailers, left;
    bool done = false, keep_alive = false;
};

/// Feeds `wire` in pieces of `chunk` bytes up to the end of one message.
Parsed parse(Role role, std::string const& wire, std::size_t chunk, bool head_request = false) {
    HttpParser parser(role);
    if (head_request) parser.expect_no_body();
    Parsed out;
    std::size_t at = 0;
    while (at < wire.size() && !parser.done()) {
        auto piece = as_bytes(wire).subspan(at, std::min(chunk, wire.size() - at));
        auto const used = parser.put(piece);
        if (!used) {
            out.error = used.error().code;
            CHECK(parser.put(piece).has_error());  // it stays dead
            return out;
        }
        out.body += as_text(parser.body());
        at += *used;
    }
    if (!parser.done()) {
        auto const end = parser.put_eof();
        if (!end) out.error = end.error().code;
    }
    out.done = parser.done();
    if (!parser.head_done()) return out;
    out.framing = parser.framing();
    out.keep_alive = parser.keep_alive();
    for (auto const& f : parser.trailers().all()) out.trailers += f.name + '=' + f.value + ';';
    if (role == Role::request)
        out.request = parser.take_request();
    else
        out.response = parser.take_response();
    out.left = wire.substr(at);
    return out;
}

std::string get(std::string const& fields) {
    return "GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}
std::string post(std::string const& fields, std::string const& body) {
    return "POST /x HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + body;
}
constexpr std::size_t all = SIZE_MAX;

}  // namespace

TEST_CASE("a request is read as it was sent, whatever the chunking", "[net][http]") {
    auto const chunk = GENERATE(std::size_t{1}, std::size_t{7}, all);
    CAPTURE(chunk);

    auto const got = parse(Role::request,
                           "PUT /a%2Fb?x=1&y HTTP/1.1\r\nHost: Example:80\r\nx-One:  a b \r\nA:\r\n"
                           "X-ONE: \xc3\xa9\r\nContent-Length: 5\r\n\r\nhelloGET",
                           chunk);

    REQUIRE(!got.error);
    CHECK(got.request.method == "PUT");
    CHECK(got.request.target == "/a%2Fb?x=1&y");
    CHECK(got.request.path() == "/a%2Fb");
    CHECK(got.request.query() == "x=1&y");
    REQUIRE(got.request.fields.all().size() == 5);
    CHECK(got.request.fields.all()[1].name == "x-One");
    CHECK(got.request.fields.all()[1].value == "a b");
    CHECK(got.request.fields.all()[2].name == "A");
    CHECK(got.request.fields.all()[3].value == "\xc3\xa9");
    CHECK(got.framing == Framing{Framing::Kind::length, 5});
    CHECK(got.body == "hello");
    CHECK(got.left == "GET");
    CHECK(got.keep_alive);
}

TEST_CASE("a chunked body is decoded and its trailers are kept apart", "[net][http]") {
    auto const chunk = GENERATE(std::size_t{1}, std::size_t{7}, all);
    CAPTURE(chunk);

    auto const got = parse(Role::request,
                           post("Transfer-Encoding: Chunked\r\n",
                                "5\r\nhello\r\n0001;a=b;c=\"d e\"\r\n \r\nA\r\n0123456789\r\n"
                                "0\r\nX-Sum: 1\r\nX-Sum:2\r\n\r\nnext"),
                           chunk);

    REQUIRE(!got.error);
    CHECK(got.done);
    CHECK(got.body == "hello 0123456789");
    CHECK(got.trailers == "X-Sum=1;X-Sum=2;");
    CHECK(got.request.fields.find("X-Sum") == nullptr);
    CHECK(got.left == "next");
}

TEST_CASE("an empty chunked body may have trailers, too", "[net][http]") {
    auto const got =
        parse(Role::request, post("Transfer-Encoding: chunked\r\n", "0\r\nA: b\r\n\r\n"), 1);

    REQUIRE(!got.error);
    CHECK(got.body.empty());
    CHECK(got.trailers == "A=b;");
}

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
        get("A: b\n"),
        get("A: b\rC: d\r\n"),
        get("A: b\r\r\n"),
        get("A: b\r\n c\r\n"),
        get("A: b\r\n\tc\r\n"),
        get("A : b\r\n"),
        get(" A: b\r\n"),
        get("A\r\n"),
        get(": b\r\n"),
        get("A(: b\r\n"),
        get("A\xc3\xa9: b\r\n"),
        get(std::string("A: b\0c\r\n", 8)),
        get("A: b\x01\r\n"),
        get("A: b\x7f\r\n"),
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

TEST_CASE("heads are limited in bytes and in fields, on both sides of the limit", "[net][http]") {
    auto const chunk = GENERATE(std::size_t{1}, std::size_t{4096}, all);
    CAPTURE(chunk);
    auto const empty = get("A: \r\n").size();
    auto const fits = get("A: " + std::string(max_head_bytes - empty, 'a') + "\r\n");
    auto const too_long = get("A: " + std::string(max_head_bytes - empty + 1, 'a') + "\r\n");
    std::string fields;
    for (std::size_t i = 0; i + 1 < max_head_fields; ++i) fields += "A: b\r\n";

    CHECK(!parse(Role::request, fits, chunk).error);
    CHECK(parse(Role::request, too_long, chunk).error == HttpErrc::head_too_large);
    CHECK(!parse(Role::request, get(fields), chunk).error);
    CHECK(parse(Role::request, get(fields + "A: b\r\n"), chunk).error == HttpErrc::head_too_large);
    // Without an end in sight, too.
    CHECK(parse(Role::request, "GET /" + std::string(max_head_bytes, 'a'), chunk).error ==
          HttpErrc::head_too_large);
}

TEST_CASE("trailers are limited, too", "[net][http]") {
    std::string fields;
    for (std::size_t i = 0; i <= max_head_fields; ++i) fields += "A: b\r\n";
    auto const te = "Transfer-Encoding: chunked\r\n";

    CHECK(parse(Role::request, post(te, "0\r\n" + fields + "\r\n"), 100).error ==
          HttpErrc::head_too_large);
    CHECK(
        parse(Role::request, post(te, "0\r\nA: " + std::string(max_head_bytes, 'a')), 100).error ==
        HttpErrc::head_too_large);
}

TEST_CASE("an end inside a message is a partial message, at every byte", "[net][http]") {
    auto const wire = GENERATE(values<std::string>(
        {post("Content-Length: 5\r\n", "hello"),
         post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\nA: b\r\n\r\n")}));

    for (std::size_t n = 1; n < wire.size(); ++n) {
        CAPTURE(n);
        CHECK(parse(Role::request, wire.substr(0, n), all).error == HttpErrc::partial_message);
    }
    CHECK(!parse(Role::request, "", all).error);
}

TEST_CASE("an answer's body ends as its head says", "[net][http]") {
    using Kind = Framing::Kind;
    struct Row {
        std::string wire;
        bool head_request;
        Framing framing;
        std::string body, left;
        bool keep;
    };
    auto const row = GENERATE(values<Row>({
        {"HTTP/1.1 200 OK\r\n\r\nto the end",
         false,
         {Kind::until_close, 0},
         "to the end",
         "",
         false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc",
         false,
         {Kind::length, 2},
         "ab",
         "c",
         true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nc", false, {Kind::length, 0}, "", "c", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nc", true, {Kind::length, 9}, "", "c", true},
        {"HTTP/1.1 200 OK\r\n\r\nc", true, {Kind::none, 0}, "", "c", true},
        {"HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\nc", false, {Kind::length, 9}, "", "c", true},
        {"HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\nc", false, {Kind::none, 0}, "", "c", true},
        {"HTTP/1.1 100 Go\r\n\r\nc", false, {Kind::none, 0}, "", "c", true},
        {"HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\nc", false, {Kind::none, 0}, "", "c", true},
        {"HTTP/1.1 200 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
         false,
         {Kind::length, 0},
         "",
         "",
         false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false, {Kind::length, 0}, "", "", false},
    }));
    CAPTURE(row.wire);

    auto const got = parse(Role::response, row.wire, 7, row.head_request);

    REQUIRE(!got.error);
    CHECK(got.done);
    CHECK(got.framing == row.framing);
    CHECK(got.body == row.body);
    CHECK(got.left == row.left);
    CHECK(got.keep_alive == row.keep);
}

TEST_CASE("a parser goes on with the next message of the connection", "[net][http]") {
    HttpParser parser(Role::request);
    std::string const wire = get("A: 1\r\n") + post("Content-Length: 1\r\n", "x") + get("A: 3\r\n");
    auto rest = as_bytes(wire);
    std::string seen;

    for (int i = 0; i < 3; ++i) {
        CHECK(!parser.started());
        while (!parser.done()) {
            auto const used = parser.put(rest);
            REQUIRE(used.has_value());
            rest = rest.subspan(*used);
        }
        seen += parser.take_request().method + ' ';
        parser.next();
    }

    CHECK(seen == "GET POST GET ");
    CHECK(rest.empty());
}

TEST_CASE("one put delivers at most 16 KiB of body", "[net][http]") {
    HttpParser parser(Role::request);
    std::string const wire = post("Content-Length: 100000\r\n", std::string(100000, 'x'));
    auto rest = as_bytes(wire);
    std::size_t total = 0;

    while (!parser.done()) {
        auto const used = parser.put(rest);
        REQUIRE(used.has_value());
        rest = rest.subspan(*used);
        CHECK(parser.body().size() <= 16 * 1024);
        total += parser.body().size();
    }

    CHECK(total == 100000);
}

TEST_CASE("heads are written with the framing's fields and no other lengths", "[net][http]") {
    RequestHead request{"POST", "/x", {}};
    request.fields.add("Host", "h");
    request.fields.add("content-length", "99");
    request.fields.add("Transfer-Encoding", "gzip");
    ResponseHead response{404, "", {}};

    CHECK(serialize(request, {Framing::Kind::length, 3}).value() ==
          "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n");
    CHECK(serialize(request, {Framing::Kind::chunked, 0}).value() ==
          "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    CHECK(serialize(response, {}).value() == "HTTP/1.1 404 Not Found\r\n\r\n");
    response.reason = "Nope";
    CHECK(serialize(response, {}).value() == "HTTP/1.1 404 Nope\r\n\r\n");
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

TEST_CASE("chunks are written with their size in hex, then the trailers", "[net][http]") {
    Fields trailers;
    trailers.add("X-Sum", "1");
    trailers.add("X-Bad", "a\r\nb");

    CHECK(chunk_prefix(0x1a2b) == "1a2b\r\n");
    CHECK(last_chunk({}) == "0\r\n\r\n");
    CHECK(last_chunk(trailers) == "0\r\nX-Sum: 1\r\n\r\n");
}

TEST_CASE("fields keep their order, repeats and case", "[net][http]") {
    Fields fields;
    fields.add("A", "1");
    fields.add("b", "x, Chunked ,");
    fields.add("a", "2");
    fields.add("B", "close");

    CHECK(*fields.find("a") == "1");
    CHECK(fields.has_token("B", "chunked"));
    CHECK(fields.has_token("b", "CLOSE"));
    CHECK_FALSE(fields.has_token("b", "clos"));
    fields.set("A", "3");
    fields.set("C", "4");
    REQUIRE(fields.all().size() == 4);
    CHECK(fields.all()[0].value == "3");
    fields.remove("B");
    CHECK(fields.find("b") == nullptr);
}

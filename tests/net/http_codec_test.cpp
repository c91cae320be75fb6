#include "net/http_codec.hpp"

#include "support/http_parse.hpp"

namespace adaos::http_codec_test {

using namespace adaos::net;
using test::all, test::get_with, test::parse, test::post, test::Role;

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

TEST_CASE("heads are limited in bytes and in fields, on both sides of the limit", "[net][http]") {
    auto const chunk = GENERATE(std::size_t{1}, std::size_t{4096}, all);
    CAPTURE(chunk);
    auto const empty = get_with("A: \r\n").size();
    auto const fits = get_with("A: " + std::string(max_head_bytes - empty, 'a') + "\r\n");
    auto const too_long = get_with("A: " + std::string(max_head_bytes - empty + 1, 'a') + "\r\n");
    std::string fields;
    for (std::size_t i = 0; i + 1 < max_head_fields; ++i) fields += "A: b\r\n";

    CHECK(!parse(Role::request, fits, chunk).error);
    CHECK(parse(Role::request, too_long, chunk).error == HttpErrc::head_too_large);
    CHECK(!parse(Role::request, get_with(fields), chunk).error);
    CHECK(parse(Role::request, get_with(fields + "A: b\r\n"), chunk).error ==
          HttpErrc::head_too_large);
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
    std::string const wire =
        get_with("A: 1\r\n") + post("Content-Length: 1\r\n", "x") + get_with("A: 3\r\n");
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

}  // namespace adaos::http_codec_test

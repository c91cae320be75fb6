#include "net/http_client.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "support/mem_stream.hpp"
#include "support/run.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

namespace adaos::http_client_test {

using namespace adaos::net;

namespace {

using Kind = Framing::Kind;

RequestHead make_request(std::string method) {
    RequestHead head{std::move(method), "/x", {}};
    head.fields.add("Host", "h");
    return head;
}

struct Answer {
    std::vector<unsigned> statuses;
    Framing framing;
    std::string body;
    bool reusable = false;
    boost::system::error_code error;
};

Task<Answer> read_answer(HttpClient& client) {
    Answer out;
    do {
        auto const head = co_await client.read_head();
        if (!head) {
            out.error = head.error().code;
            co_return out;
        }
        out.statuses.push_back(head->status);
    } while (out.statuses.back() < 200);
    out.framing = client.response_framing();
    auto const body = co_await read_body(client.body(), 1 << 20);
    if (body)
        out.body = *body;
    else
        out.error = body.error().code;
    out.reusable = client.reusable();
    co_return out;
}

Task<Answer> ask(HttpClient& client, std::string method) {
    auto head = make_request(std::move(method));
    auto const sent = co_await client.send(std::move(head), std::string());
    CHECK(sent.has_value());
    co_return co_await read_answer(client);
}

/// One request answered with `wire`, cut into pieces of `step`.
Answer answer_of(std::string const& wire, std::size_t step, std::string const& method) {
    std::deque<std::string> chunks;
    for (std::size_t i = 0; i < wire.size(); i += step) chunks.push_back(wire.substr(i, step));
    HttpClient client(std::make_unique<test::MemStream>(std::move(chunks)));
    return test::run(ask(client, method));
}

}  // namespace

TEST_CASE("a small request is one write", "[net][http]") {
    auto stream = std::make_unique<test::MemStream>(std::deque<std::string>{});
    auto const record = stream->record();
    HttpClient client(std::move(stream));

    auto const sent = test::run(client.send(make_request("POST"), "hello"));

    CHECK(sent.has_value());
    CHECK(record->writes == 1);
    CHECK(record->written == "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
}

TEST_CASE("a request without a body has a length only where the method wants one", "[net][http]") {
    auto const wire = [](std::string const& method) {
        auto stream = std::make_unique<test::MemStream>(std::deque<std::string>{});
        auto const record = stream->record();
        HttpClient client(std::move(stream));
        (void)test::run(client.send(make_request(method), ""));
        return record->written;
    };

    CHECK(wire("GET") == "GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(wire("POST") == "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("a streamed request is written as its framing says", "[net][http]") {
    auto const run = [](Framing framing) {
        auto stream = std::make_unique<test::MemStream>(std::deque<std::string>{});
        auto const record = stream->record();
        HttpClient client(std::move(stream));
        std::string const text = "abc";
        (void)test::run(client.send_head(make_request("PUT"), framing));
        (void)test::run(client.send_body(as_bytes(text)));
        Fields trailers;
        trailers.add("T", "1");
        auto const done = test::run(client.finish(trailers));
        return done ? record->written : done.error().message();
    };
    std::string const head = "PUT /x HTTP/1.1\r\nHost: h\r\n";
    auto const chunked = head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n";

    CHECK(run({Kind::length, 3}) == head + "Content-Length: 3\r\n\r\nabc");
    CHECK(run({Kind::chunked, 0}) == chunked);
    CHECK(run({Kind::until_close, 0}) == chunked);
    CHECK(run({Kind::length, 4}).find("declared length") != std::string::npos);
}

TEST_CASE("answers are read whatever the chunking, and tell whether the connection can be kept",
          "[net][http]") {
    struct Row {
        std::string method, wire;
        std::vector<unsigned> statuses;
        Framing framing;
        std::string body;
        bool reusable;
    };
    std::string const ok = "HTTP/1.1 200 OK\r\n";
    auto const row = GENERATE_COPY(values<Row>({
        {"GET", ok + "Content-Length: 3\r\n\r\nabc", {200}, {Kind::length, 3}, "abc", true},
        {"GET",
         ok + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n",
         {200},
         {Kind::chunked, 0},
         "abcd",
         true},
        {"GET", ok + "\r\nabc", {200}, {Kind::until_close, 0}, "abc", false},
        {"GET",
         ok + "Content-Length: 3\r\nConnection: close\r\n\r\nabc",
         {200},
         {Kind::length, 3},
         "abc",
         false},
        {"GET",
         "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc",
         {200},
         {Kind::length, 3},
         "abc",
         false},
        {"GET",
         "HTTP/1.0 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nabc",
         {200},
         {Kind::length, 3},
         "abc",
         true},
        {"HEAD", ok + "Content-Length: 3\r\n\r\n", {200}, {Kind::length, 3}, "", true},
        {"HEAD",
         "HTTP/1.1 103 Hint\r\n\r\n" + ok + "Content-Length: 3\r\n\r\n",
         {103, 200},
         {Kind::length, 3},
         "",
         true},
        {"GET", "HTTP/1.1 304 No\r\nContent-Length: 3\r\n\r\n", {304}, {Kind::length, 3}, "", true},
        {"GET", "HTTP/1.1 204 No\r\n\r\n", {204}, {}, "", true},
        {"GET",
         "HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Hint\r\nLink: a\r\n\r\n" + ok +
             "Content-Length: 1\r\n\r\nx",
         {100, 103, 200},
         {Kind::length, 1},
         "x",
         true},
        // Somebody else's answer behind ours (threat 41): the connection is poisoned.
        {"GET",
         ok + "Content-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
         {200},
         {Kind::length, 1},
         "x",
         false},
    }));
    auto const step = GENERATE(std::size_t{1}, std::size_t{7}, SIZE_MAX / 2);
    CAPTURE(row.wire, step);

    auto const got = answer_of(row.wire, step, row.method);

    CHECK(!got.error);
    CHECK(got.statuses == row.statuses);
    CHECK(got.framing == row.framing);
    CHECK(got.body == row.body);
    // Byte by byte the stray answer is not here yet when ours is complete.
    bool const unseen = step == 1 && row.wire.find("xHTTP") != std::string::npos;
    CHECK(got.reusable == (row.reusable || unseen));
}

TEST_CASE("an answer that ends early is an error", "[net][http]") {
    std::string const ok = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab";

    CHECK(answer_of("", 1, "GET").error == boost::asio::error::eof);
    CHECK(answer_of(ok.substr(0, 10), 1, "GET").error == HttpErrc::partial_message);
    CHECK(answer_of(ok, 1, "GET").error == Problem::bad_request);
    CHECK(answer_of("HTTP/1.1 100 Go\r\n\r\n", 1, "GET").error == boost::asio::error::eof);
}

TEST_CASE("endless informational heads are refused", "[net][http]") {
    std::string wire;
    for (int i = 0; i < 40; ++i) wire += "HTTP/1.1 103 Hint\r\n\r\n";

    CHECK(answer_of(wire, 4096, "GET").error == HttpErrc::bad_message);
}

TEST_CASE("a connection serves one exchange after another", "[net][http]") {
    auto stream = std::make_unique<test::MemStream>(
        std::deque<std::string>{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb",
                                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nc"});
    auto const record = stream->record();
    HttpClient client(std::move(stream));

    auto const a = test::run(ask(client, "HEAD"));
    auto const b = test::run(ask(client, "GET"));
    auto const c = test::run(ask(client, "GET"));

    CHECK(a.body.empty());
    CHECK(b.body == "b");
    CHECK(c.body == "c");
    CHECK(c.reusable);
    CHECK(record->writes == 3);
}

TEST_CASE("a connection with an unfinished exchange takes no other", "[net][http]") {
    HttpClient client(std::make_unique<test::MemStream>(
        std::deque<std::string>{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"}));
    (void)test::run(client.send(make_request("GET"), ""));
    CHECK(test::run(client.read_head()).has_value());

    CHECK_FALSE(client.reusable());
    CHECK(test::run(client.send(make_request("GET"), "")).has_error());
    CHECK(test::run(client.read_head()).has_error());
}

TEST_CASE("an early answer is read while the request is still being sent", "[net][http]") {
    test::Loop loop;
    auto [ours, theirs] = test::pair(1000);
    HttpClient client(std::move(ours));
    std::string const big(100'000, 'x');
    Framing const framing{Kind::length, big.size()};
    CHECK(loop.run(client.send_head(make_request("POST"), framing)).has_value());
    auto sending = loop.start(client.send_body(as_bytes(big)));
    loop.poll();
    REQUIRE_FALSE(sending.done());
    std::string const refusal = "HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno";
    CHECK(loop.run(theirs->write_all(as_bytes(refusal))).has_value());

    auto const got = loop.run(read_answer(client));

    CHECK(got.statuses == std::vector<unsigned>{413});
    CHECK(got.body == "no");
    CHECK_FALSE(got.reusable);  // our half is not complete
    CHECK_FALSE(sending.done());
    client.abort();
    loop.poll();
    CHECK(sending.done());
}

TEST_CASE("after a 101 the connection is the caller's, bytes already read first", "[net][http]") {
    auto stream = std::make_unique<test::MemStream>(
        std::deque<std::string>{"HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\nearly", "late"});
    auto const record = stream->record();
    HttpClient client(std::move(stream));
    (void)test::run(client.send(make_request("GET"), ""));
    REQUIRE(test::run(client.read_head())->status == 101);
    CHECK_FALSE(client.reusable());

    auto const raw = client.take_stream();

    std::vector<std::byte> buffer(100);
    auto const first = test::run(raw->read_some(buffer));
    CHECK(test::text(std::span(buffer).first(first.value())) == "early");
    auto const second = test::run(raw->read_some(buffer));
    CHECK(test::text(std::span(buffer).first(second.value())) == "late");
    client.abort();
    CHECK_FALSE(record->aborted);
    CHECK(test::run(client.send(make_request("GET"), "")).has_error());
}

}  // namespace adaos::http_client_test

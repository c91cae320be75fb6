#include "net/http_session.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "support/log_lines.hpp"
#include "support/manual_timers.hpp"
#include "support/mem_stream.hpp"
#include "support/run.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <functional>

using namespace adaos;
using namespace adaos::net;
using namespace std::chrono_literals;

namespace {

/// Answers by calling a function; keeps what it saw.
class Scripted final : public Handler {
public:
    using Script = std::function<Task<void>(Exchange&)>;
    explicit Scripted(Script script) : script_(std::move(script)) {}
    Task<void> handle(Exchange& exchange) override {
        ++calls;
        co_await script_(exchange);
    }
    int calls = 0;

private:
    Script script_;
};

Task<void> say_target(Exchange& exchange) {
    (void)co_await respond_text(exchange, 200, "text/plain", exchange.request().target);
}

Task<void> echo(Exchange& exchange) {
    auto const body = co_await read_body(exchange.body(), 1 << 20);
    if (!body) {
        Fields none;
        (void)co_await respond_problem(exchange, body.error(), std::move(none));
        co_return;
    }
    auto text = *body;
    for (auto const& f : exchange.body().trailers().all()) text += '|' + f.name + '=' + f.value;
    (void)co_await respond_text(exchange, 200, "text/plain", std::move(text));
}

Task<void> stream_two(Exchange& exchange) {
    ResponseHead head;
    Framing const framing{Framing::Kind::until_close, 0};
    (void)co_await exchange.respond(std::move(head), framing);
    std::string const one = "one", two = "two";
    (void)co_await exchange.write(as_bytes(one));
    (void)co_await exchange.write(as_bytes(two));
    Fields trailers;
    trailers.add("X-End", "yes");
    (void)co_await exchange.finish(std::move(trailers));
}

struct Served {
    std::string out;
    std::shared_ptr<test::MemRecord const> record;
};

/// The whole connection: `chunks` come in, then the end.
Served serve(Handler& handler, std::deque<std::string> chunks, bool stopping = false) {
    test::ManualTimers timers;
    auto stream = std::make_unique<test::MemStream>(std::move(chunks));
    auto const record = stream->record();
    test::Loop loop;
    loop.run(serve_http(std::move(stream), Peer(), handler, timers, HttpLimits(), stopping, Log()),
             timers);
    return {record->written, record};
}

std::string without_date(std::string text) {
    for (auto at = text.find("Date: "); at != std::string::npos; at = text.find("Date: "))
        text.erase(at, text.find("\r\n", at) + 2 - at);
    return text;
}

std::string const get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

bool holds(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// A client at the other end of a live connection.
struct World {
    explicit World(Handler& handler, HttpLimits limits = {}) : ends(test::pair()) {
        client = std::move(ends.first);
        served.emplace(loop.start(
            serve_http(std::move(ends.second), Peer(), handler, timers, limits, stopping, Log())));
        loop.poll();
    }
    void send(std::string const& text) {
        auto sent = loop.start(client->write_all(as_bytes(text)));
        loop.poll();
        REQUIRE(sent.done());
    }
    /// What came so far; "<end>" or "<broken>" behind it when no more will come.
    std::string receive() {
        std::string all;
        for (;;) {
            if (!reading) reading.emplace(loop.start(client->read_some(buffer)));
            loop.poll();
            if (!reading->done()) return all;
            auto const got = reading->get();
            reading.reset();
            if (!got)
                return all + (got.error().code == boost::asio::error::eof ? "<end>" : "<broken>");
            all += test::text(std::span(buffer).first(*got));
        }
    }

    test::Loop loop;
    test::ManualTimers timers;
    bool stopping = false;
    std::pair<StreamPtr, StreamPtr> ends;
    StreamPtr client;
    std::vector<std::byte> buffer = std::vector<std::byte>(4096);
    std::optional<test::Pending<Result<std::size_t>>> reading;
    std::optional<test::Pending<void>> served;
};

}  // namespace

TEST_CASE("a request is answered in one write, with a date and a length", "[net][http]") {
    Scripted handler(say_target);

    auto const got = serve(handler, {get});

    CHECK(got.record->writes == 1);
    CHECK(holds(got.out, "\r\nDate: "));
    CHECK(holds(got.out, " GMT\r\n"));
    CHECK(without_date(got.out) ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n/a");
    CHECK(got.record->closed);
    CHECK_FALSE(got.record->aborted);
}

TEST_CASE("pipelined requests are answered in order, in any chunking", "[net][http]") {
    auto const step = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{4096});
    std::string const wire = get + "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz" +
                             "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "1\r\nx\r\n0\r\n\r\nGET /d HTTP/1.1\r\nHost: h\r\n\r\n";
    std::deque<std::string> chunks;
    for (std::size_t i = 0; i < wire.size(); i += step) chunks.push_back(wire.substr(i, step));
    Scripted handler(say_target);

    auto const out = serve(handler, chunks).out;

    CHECK(handler.calls == 4);
    auto const a = out.find("/a"), b = out.find("/b"), c = out.find("/c"), d = out.find("/d");
    CHECK((a < b && b < c && c < d && d != std::string::npos));
}

TEST_CASE("a body reaches the handler decoded, trailers included", "[net][http]") {
    Scripted handler(echo);

    auto const out =
        serve(handler, {"POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel", "lo",
                        "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab",
                        "\r\n3\r\ncde\r\n0\r\nT: 1\r\n\r\n"})
            .out;

    CHECK(holds(out, "\r\n\r\nhello"));
    CHECK(holds(out, "\r\n\r\nabcde|T=1"));
}

TEST_CASE("a body of unknown length is chunked, and closed for an HTTP/1.0 client", "[net][http]") {
    Scripted handler(stream_two);

    auto const chunked = serve(handler, {get + get}).out;
    auto const closed =
        serve(handler, {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + get}).out;

    auto const answer =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\nX-End: "
        "yes\r\n\r\n";
    CHECK(without_date(chunked) == std::string(answer) + answer);
    CHECK(without_date(closed) == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nonetwo");
}

TEST_CASE("HEAD, 204 and 304 carry no body", "[net][http]") {
    Scripted handler([](Exchange& e) -> Task<void> {
        auto const status = static_cast<unsigned>(std::stoul(e.request().target.substr(1)));
        (void)co_await respond_text(e, status, "text/plain", "body");
    });

    auto const out = without_date(serve(handler, {"HEAD /200 HTTP/1.1\r\nHost: h\r\n\r\n"
                                                  "GET /204 HTTP/1.1\r\nHost: h\r\n\r\n"
                                                  "GET /304 HTTP/1.1\r\nHost: h\r\n\r\n"})
                                      .out);

    CHECK(out ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\n"
          "HTTP/1.1 204 No Content\r\nContent-Type: text/plain\r\n\r\n"
          "HTTP/1.1 304 Not Modified\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\n");
}

TEST_CASE("an answer without a body says so", "[net][http]") {
    Scripted handler([](Exchange& e) -> Task<void> {
        ResponseHead head;
        Framing const none;
        (void)co_await e.respond(std::move(head), none);
        Fields no_trailers;
        (void)co_await e.finish(std::move(no_trailers));
    });

    CHECK(without_date(serve(handler, {get}).out) ==
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("the connection closes when either side says so", "[net][http]") {
    Scripted handler(say_target);
    auto const stop = GENERATE(false, true);
    auto const first = GENERATE(
        values<std::string>({"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                             "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r\n"}));
    CAPTURE(stop, first);
    bool const closes = stop || first.find("Host: h\r\n\r\n") == std::string::npos;

    auto const out = serve(handler, {first + get}, stop).out;

    CHECK(handler.calls == (closes ? 1 : 2));
    CHECK(holds(out, "Connection: close\r\n") == closes);
}

TEST_CASE("an HTTP/1.0 client may keep the connection, and gets no informational heads",
          "[net][http]") {
    Scripted handler([](Exchange& e) -> Task<void> {
        ResponseHead hints;
        hints.status = 103;
        (void)co_await e.inform(std::move(hints));
        co_await say_target(e);
    });

    auto const old = serve(handler, {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" + get}).out;

    CHECK(handler.calls == 2);
    CHECK(old.find("HTTP/1.1 103 Early Hints\r\n\r\n") > old.find("Connection: keep-alive"));
}

TEST_CASE("what is not acceptable is refused with problem+json and the connection ends",
          "[net][http]") {
    struct Row {
        std::string wire, status, code;
    };
    auto const row = GENERATE(values<Row>({
        {"GET / HTTP/1.1\r\n\r\n", "400 Bad Request", "ADAOS-B001"},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         "400 Bad Request", "ADAOS-B001"},
        {"GET /" + std::string(max_head_bytes, 'a'), "431 Request Header Fields Too Large",
         "ADAOS-B005"},
        {"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", "501 Not Implemented", "ADAOS-B001"},
        {"\x16\x03\x01", "400 Bad Request", "ADAOS-B001"},
    }));
    CAPTURE(row.wire);
    Scripted handler(say_target);

    auto const got = serve(handler, {row.wire + get});

    CHECK(handler.calls == 0);
    CHECK(got.out.starts_with("HTTP/1.1 " + row.status + "\r\n"));
    CHECK(holds(got.out, "Content-Type: application/problem+json\r\n"));
    CHECK(holds(got.out, "Connection: close\r\n"));
    CHECK(holds(got.out, "\"code\":\"" + row.code + "\""));
    CHECK(got.record->closed);
}

TEST_CASE("broken framing of a body is the client's fault, not ours", "[net][http]") {
    Scripted handler(echo);

    auto const out =
        serve(handler,
              {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + get})
            .out;

    CHECK(out.starts_with("HTTP/1.1 400 "));
    CHECK(holds(out, "Connection: close\r\n"));
    CHECK(handler.calls == 1);
}

TEST_CASE("a silent or throwing handler is a 500, half an answer an abort", "[net][http]") {
    Scripted silent([](Exchange&) -> Task<void> { co_return; });
    Scripted throwing([](Exchange&) -> Task<void> {
        throw std::runtime_error("oops");
        co_return;
    });
    Scripted half([](Exchange& e) -> Task<void> {
        ResponseHead head;
        Framing const framing{Framing::Kind::length, 5};
        (void)co_await e.respond(std::move(head), framing);
        std::string const text = "abc";
        (void)co_await e.write(as_bytes(text));
    });
    Scripted unfinished([](Exchange& e) -> Task<void> {
        ResponseHead head;
        Framing const framing{Framing::Kind::chunked, 0};
        (void)co_await e.respond(std::move(head), framing);
    });

    CHECK(serve(silent, {get}).out.starts_with("HTTP/1.1 500 "));
    CHECK(serve(throwing, {get}).out.starts_with("HTTP/1.1 500 "));
    CHECK_FALSE(serve(silent, {get}).record->aborted);
    CHECK(serve(half, {get}).record->aborted);
    CHECK(serve(unfinished, {get}).record->aborted);
}

TEST_CASE("a handler cannot write more or less than it declared", "[net][http]") {
    std::vector<bool> failed;
    Scripted handler([&failed](Exchange& e) -> Task<void> {
        ResponseHead head;
        Framing const framing{Framing::Kind::length, 3};
        (void)co_await e.respond(std::move(head), framing);
        std::string const two = "ab";
        auto const a = co_await e.write(as_bytes(two));
        auto const b = co_await e.write(as_bytes(two));
        Fields none;
        auto const c = co_await e.finish(none);
        std::string const one = "c";
        auto const d = co_await e.write(as_bytes(one));
        auto const f = co_await e.finish(none);
        failed = {a.has_error(), b.has_error(), c.has_error(), d.has_error(), f.has_error()};
        CHECK(c.error().code == HttpErrc::body_mismatch);
    });

    auto const got = serve(handler, {get});

    CHECK(failed == std::vector<bool>{false, true, true, false, false});
    CHECK(got.out.ends_with("\r\n\r\nabc"));
}

TEST_CASE("a head that could be split is not sent", "[net][http][smuggling]") {
    Scripted handler([](Exchange& e) -> Task<void> {
        ResponseHead head;
        head.fields.add("X", "a\r\nSet-Cookie: b");
        Framing const none;
        auto const sent = co_await e.respond(std::move(head), none);
        CHECK(sent.has_error());
        CHECK_FALSE(e.responded());
    });

    auto const out = serve(handler, {get}).out;

    CHECK(out.starts_with("HTTP/1.1 500 "));
    CHECK_FALSE(holds(out, "Set-Cookie"));
}

TEST_CASE("100 Continue is sent when the body is first read, and only then", "[net][http]") {
    std::string const head =
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
    Scripted reading(echo);
    World world(reading);
    world.send(head);
    CHECK(world.receive() == "HTTP/1.1 100 Continue\r\n\r\n");
    world.send("abc");
    CHECK(world.receive().ends_with("\r\n\r\nabc"));
    world.send(head + "xyz");  // did not wait
    CHECK(world.receive().starts_with("HTTP/1.1 200 OK"));

    // Answered without it, nobody knows whether the body will come.
    Scripted refusing(say_target);
    World other(refusing);
    other.send(head);
    auto const out = other.receive();
    CHECK(out.starts_with("HTTP/1.1 200 OK"));
    CHECK(holds(out, "Connection: close"));
    CHECK(out.ends_with("<end>"));
}

TEST_CASE("an unread body is drained when it is small; else the connection ends", "[net][http]") {
    auto const size = GENERATE(std::size_t{64} * 1024, std::size_t{64} * 1024 + 1);
    Scripted handler(say_target);
    auto const wire = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) +
                      "\r\n\r\n" + std::string(size, 'x') + get;

    auto const got = serve(handler, {wire});

    CHECK(handler.calls == (size == std::size_t{64} * 1024 ? 2 : 1));
    CHECK(got.record->closed);
}

TEST_CASE("an upgrade hands over the connection with what was already read", "[net][http]") {
    Scripted handler([](Exchange& e) -> Task<void> {
        ResponseHead head;
        head.status = 101;
        head.fields.add("Upgrade", "x");
        auto stream = co_await e.upgrade(std::move(head));
        REQUIRE(stream.has_value());
        CHECK(e.responded());
        std::vector<std::byte> buffer(100);
        auto const got = co_await (*stream)->read_some(buffer);
        REQUIRE(got.has_value());
        auto const text = "<" + std::string(test::text(std::span(buffer).first(*got))) + ">";
        (void)co_await (*stream)->write_all(as_bytes(text));
        co_await (*stream)->close();
    });

    auto const out = serve(handler, {"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\n\r\nearly"}).out;

    CHECK(without_date(out) == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n<early>");
    CHECK(handler.calls == 1);
}

TEST_CASE("a client that leaves in the middle of its request makes the body's read fail",
          "[net][http]") {
    std::optional<Error> seen;
    Scripted handler([&seen](Exchange& e) -> Task<void> {
        std::vector<std::byte> buffer(100);
        Result<std::size_t> got = std::size_t{1};
        while (got && *got > 0) {
            got = co_await e.body().read_some(buffer);
        }
        if (!got) seen = got.error();
        e.abort();
    });

    auto const got = serve(handler, {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc"});

    REQUIRE(seen);
    CHECK(seen->code == HttpErrc::partial_message);
    CHECK(got.record->aborted);
}

TEST_CASE("a client that leaves in the middle of the answer makes the write fail", "[net][http]") {
    bool failed = false;
    Scripted handler([&failed](Exchange& e) -> Task<void> {
        ResponseHead head;
        Framing const framing{Framing::Kind::chunked, 0};
        (void)co_await e.respond(std::move(head), framing);
        std::string const piece(10000, 'x');
        while (!failed) {
            auto const sent = co_await e.write(as_bytes(piece));
            failed = sent.has_error();
        }
    });
    World world(handler);

    world.send(get);
    world.client.reset();
    world.loop.poll();

    CHECK(failed);
    CHECK(world.served->done());
}

TEST_CASE("the request's body may be read while the answer is being written", "[net][http]") {
    // As a relay does: what comes in goes out, before the request's end is there.
    Scripted handler([](Exchange& e) -> Task<void> {
        ResponseHead head;
        Framing const framing{Framing::Kind::chunked, 0};
        (void)co_await e.respond(std::move(head), framing);
        std::vector<std::byte> buffer(100);
        std::size_t got = 1;
        while (got > 0) {
            auto const read = co_await e.body().read_some(buffer);
            got = read.value();
            (void)co_await e.write(std::span(buffer).first(got));
        }
        Fields none;
        (void)co_await e.finish(std::move(none));
    });
    World world(handler);

    world.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
    CHECK(world.receive().ends_with("1\r\na\r\n"));
    world.send("2\r\nbc\r\n");
    CHECK(world.receive() == "2\r\nbc\r\n");
    world.send("0\r\n\r\n");
    CHECK(world.receive() == "0\r\n\r\n");
}

TEST_CASE("many small chunks come out of one read", "[net][http]") {
    std::vector<std::size_t> reads;
    Scripted handler([&reads](Exchange& e) -> Task<void> {
        std::vector<std::byte> buffer(100);
        CHECK(e.body().ready());
        auto const got = co_await e.body().read_some(buffer);
        reads.push_back(got.value());
        CHECK(e.body().ready());
        co_await say_target(e);
    });

    (void)serve(handler, {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n"});

    CHECK(reads == std::vector<std::size_t>{3});
}

TEST_CASE("idle connections, slow heads, stalled bodies and unread answers end in time",
          "[net][http]") {
    HttpLimits const limits{10s, 75s, 60s};

    SECTION("idle") {
        Scripted handler(say_target);
        World world(handler, limits);
        world.loop.advance(world.timers, 74s);
        CHECK_FALSE(world.served->done());
        world.send(get);
        CHECK(world.receive().ends_with("/a"));
        world.loop.advance(world.timers, 74s);
        CHECK_FALSE(world.served->done());
        world.loop.advance(world.timers, 2s);
        CHECK(world.served->done());
    }
    SECTION("slow head") {
        Scripted handler(say_target);
        World world(handler, limits);
        world.send("G");
        for (int i = 0; i < 9; ++i) {
            world.loop.advance(world.timers, 1s);
            world.send("E");
        }
        CHECK_FALSE(world.served->done());
        world.loop.advance(world.timers, 2s);
        CHECK(world.served->done());
        CHECK(world.receive() == "<broken>");
    }
    SECTION("stalled body") {
        boost::system::error_code seen;
        Scripted handler([&seen](Exchange& e) -> Task<void> {
            auto const body = co_await read_body(e.body(), 100);
            seen = body.error().code;
        });
        World world(handler, limits);
        world.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\n");
        for (int i = 0; i < 5; ++i) {
            world.loop.advance(world.timers, 59s);
            world.send("x");
        }
        CHECK_FALSE(world.served->done());
        world.loop.advance(world.timers, 61s);
        CHECK(seen == Problem::timed_out);
        CHECK(world.served->done());
    }
    SECTION("unread answer") {
        Scripted handler([](Exchange& e) -> Task<void> {
            std::string text(1 << 20, 'x');
            (void)co_await respond_text(e, 200, "text/plain", std::move(text));
        });
        World world(handler, limits);
        world.send(get);
        world.loop.advance(world.timers, 59s);
        CHECK_FALSE(world.served->done());
        world.loop.advance(world.timers, 2s);
        CHECK(world.served->done());
    }
}

TEST_CASE("a cancelled session leaves at once", "[net][http]") {
    Scripted handler(echo);
    World world(handler);
    world.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\n");

    world.served->cancel();
    world.loop.poll();

    CHECK(world.served->done());
}

TEST_CASE("errors are told as RFC 9457 bodies from the table", "[net][http]") {
    Scripted handler([](Exchange& e) -> Task<void> {
        Fields extra;
        extra.add("Retry-After", "7");
        extra.add("Proxy-Status", "hub; error=x");
        Error error(Problem::hub_offline, "say \"hi\"\n\xff");
        (void)co_await respond_problem(e, std::move(error), std::move(extra));
    });

    auto const got = serve(handler, {get});

    CHECK(got.record->writes == 1);
    CHECK(got.out.starts_with("HTTP/1.1 503 "));
    CHECK(holds(got.out, "Retry-After: 7\r\n"));
    CHECK(holds(got.out, "Proxy-Status: hub; error=x\r\n"));
    CHECK(got.out.substr(got.out.find("\r\n\r\n") + 4) ==
          "{\"type\":\"urn:adaos:problem:hub-offline\",\"title\":\"the hub is "
          "offline\",\"status\":503,"
          "\"detail\":\"say \\\"hi\\\"\\u000a\\u00ff\",\"code\":\"ADAOS-R002\",\"next\":\"" +
              std::string(describe(make_error_code(Problem::hub_offline)).next) +
              "\",\"retry_after_seconds\":7}");
    CHECK(problem_json(Error(Problem::unauthorized)).find("detail") == std::string::npos);
}

TEST_CASE("a body past the limit of its reader is too large", "[net][http]") {
    auto const size = GENERATE(std::size_t{10}, std::size_t{11});
    boost::system::error_code seen;
    Scripted handler([&seen](Exchange& e) -> Task<void> {
        auto const body = co_await read_body(e.body(), 10);
        if (!body) seen = body.error().code;
    });

    (void)serve(handler, {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) +
                          "\r\n\r\n" + std::string(size, 'x')});

    if (size == 10)
        CHECK(!seen);
    else
        CHECK(seen == Problem::body_too_large);
}

TEST_CASE("whichever write fails, the session ends", "[net][http]") {
    for (std::size_t n = 0; n < 6; ++n) {
        CAPTURE(n);
        Scripted handler(stream_two);
        test::ManualTimers timers;
        test::Loop loop;
        auto stream = std::make_unique<test::MemStream>(std::deque<std::string>{get + get});
        stream->fail_writes_after = n;
        auto const record = stream->record();
        bool const stopping = false;
        loop.run(
            serve_http(std::move(stream), Peer(), handler, timers, HttpLimits(), stopping, Log()),
            timers);
        CHECK(record->aborted);
    }
}

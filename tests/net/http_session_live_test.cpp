#include "net/http_session.hpp"

#include "base/problem.hpp"
#include "support/http_world.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace adaos::http_session_live_test {

using namespace adaos::net;
using namespace std::chrono_literals;
using test::echo, test::get, test::holds, test::say_target, test::Scripted, test::serve,
    test::stream_two, test::without_date, test::World;

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

TEST_CASE("a body whose reading was cancelled ends the connection after the answer",
          "[net][http]") {
    // As when a relay's answer overtakes its request: nobody knows where the next request begins.
    test::Pending<void> reading;
    test::Loop* loop = nullptr;
    Scripted handler([&](Exchange& e) -> Task<void> {
        reading = loop->start(echo(e));
        auto const executor = co_await boost::asio::this_coro::executor;
        co_await boost::asio::post(executor, boost::asio::use_awaitable);
        co_await boost::asio::post(executor, boost::asio::use_awaitable);
        reading.cancel();
        co_await boost::asio::post(executor, boost::asio::use_awaitable);
        co_await say_target(e);
    });
    World world(handler);
    loop = &world.loop;

    world.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\nabc");
    auto const out = world.receive();

    CHECK(out.starts_with("HTTP/1.1 200 OK"));
    CHECK(holds(out, "Connection: close"));
    world.send(get);
    CHECK(handler.calls == 1);
}

}  // namespace adaos::http_session_live_test

#include "net/ws.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "net/ws_codec.hpp"
#include "net/ws_stream.hpp"
#include "support/manual_timers.hpp"
#include "support/mem_stream.hpp"
#include "support/run.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/errc.hpp>
#include <catch2/catch.hpp>

namespace adaos::ws_test {

using namespace adaos::net;

namespace {

using Role = WsCodec::Role;

/// A frame as any client might send it: mask 1 2 3 4.
std::string frame(unsigned first, std::string payload, bool masked = true) {
    std::string out(1, static_cast<char>(first));
    auto const bit = masked ? 0x80U : 0U;
    auto const n = payload.size();
    if (n < 126) {
        out += static_cast<char>(bit | n);
    } else if (n < 65536) {
        out += static_cast<char>(bit | 126);
        out += static_cast<char>(n >> 8);
        out += static_cast<char>(n & 255);
    } else {
        out += static_cast<char>(bit | 127);
        for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(n >> shift & 255);
    }
    if (masked) {
        out += "\x01\x02\x03\x04";
        for (std::size_t i = 0; i < n; ++i)
            payload[i] = static_cast<char>(payload[i] ^ static_cast<char>(i % 4 + 1));
    }
    return out + payload;
}
std::string close_frame(unsigned code, bool masked = true) {
    std::string const payload{static_cast<char>(code >> 8), static_cast<char>(code & 255)};
    return frame(0x88, payload, masked);
}

struct Read {
    std::string data;
    Error end;
    std::shared_ptr<test::MemRecord const> record;
};

Task<Read> read_all(ByteStream& stream) {
    Read out;
    std::vector<std::byte> buffer(1000);
    for (;;) {
        auto const got = co_await stream.read_some(buffer);
        if (!got) {
            out.end = got.error();
            co_return out;
        }
        out.data += test::text(std::span(buffer).first(*got));
    }
}

/// What a server's stream reads of `wire` in pieces of `step`, and writes meanwhile.
Read serve(std::string const& wire, std::size_t step, Role role = Role::server) {
    std::deque<std::string> chunks;
    for (std::size_t i = 0; i < wire.size(); i += step) chunks.push_back(wire.substr(i, step));
    auto below = std::make_unique<test::MemStream>(std::move(chunks));
    auto const record = below->record();
    test::Loop loop;
    auto const stream = make_ws_stream(std::move(below), role, loop.executor());
    auto out = loop.run(read_all(*stream));
    out.record = record;
    return out;
}

auto const protocol_error =
    boost::system::errc::make_error_code(boost::system::errc::protocol_error);

/// Two WebSocket ends over a connection in memory.
struct Ends {
    explicit Ends(std::size_t capacity = 64 * 1024) {
        auto [a, b] = test::pair(capacity);
        client = make_ws_stream(std::move(a), Role::client, loop.executor());
        server = make_ws_stream(std::move(b), Role::server, loop.executor());
    }
    test::Loop loop;
    StreamPtr client, server;
};

}  // namespace

TEST_CASE("the sample key of RFC 6455 gives the sample answer", "[net][ws]") {
    CHECK(ws_accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("binary messages are one stream of bytes, whatever the frames and the chunking",
          "[net][ws]") {
    auto const step = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{100'000});
    CAPTURE(step);
    auto const wire = frame(0x82, "hello ") + frame(0x02, "frag") + frame(0x89, "ping") +
                      frame(0x00, "ment") + frame(0x8a, "pong") + frame(0x80, "ed") +
                      frame(0x82, "") + frame(0x82, std::string(70'000, 'x')) + close_frame(1000) +
                      frame(0x82, "ignored");

    auto const got = serve(wire, step);

    CHECK(got.data == "hello fragmented" + std::string(70'000, 'x'));
    CHECK(got.end.code == boost::asio::error::eof);
    CHECK(got.record->written == frame(0x8a, "ping", false));
}

TEST_CASE("what breaks the protocol is answered with the right close code", "[net][ws]") {
    struct Row {
        std::string wire;
        unsigned code;
    };
    auto const one_byte = frame(0x88, "x");
    auto const row = GENERATE_COPY(values<Row>({
        {frame(0x82, "unmasked", false), 1002},
        {frame(0xc2, "rsv1"), 1002},
        {frame(0xa2, "rsv2"), 1002},
        {frame(0x83, "opcode"), 1002},
        {frame(0x8b, "opcode"), 1002},
        {frame(0x80, "nothing to continue"), 1002},
        {frame(0x02, "a") + frame(0x82, "b"), 1002},
        {frame(0x09, "fragmented ping"), 1002},
        {frame(0x89, std::string(126, 'x')), 1002},
        {std::string("\x82\xfe\x00\x05\x01\x02\x03\x04", 8) + "abcde", 1002},  // not minimal
        {one_byte, 1002},
        {close_frame(0), 1002},
        {close_frame(999), 1002},
        {close_frame(1004), 1002},
        {close_frame(1005), 1002},
        {close_frame(1006), 1002},
        {close_frame(1015), 1002},
        {close_frame(1016), 1002},
        {close_frame(2999), 1002},
        {close_frame(5000), 1002},
        {frame(0x88, "\x03\xe8\xff"), 1002},
        {frame(0x81, "text"), 1003},
        {frame(0x01, ""), 1003},
        {frame(0x82, std::string(max_ws_message + 1, 'x')), 1009},
        {frame(0x02, std::string(max_ws_message, 'x')) + frame(0x80, "x"), 1009},
        {std::string("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04", 14) + "x", 1009},
        {frame(0x02, "a") +
             std::string("\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04", 14) + "x",
         1009},
    }));
    auto const step = GENERATE(std::size_t{1}, std::size_t{100'000});
    if (row.wire.size() > 100'000 && step == 1) return;
    CAPTURE(to_hex(as_bytes(row.wire.substr(0, 16))), step);

    auto const got = serve(row.wire, step);

    CHECK(got.end.code == protocol_error);
    CHECK(to_hex(as_bytes(got.record->written)) == to_hex(as_bytes(close_frame(row.code, false))));
}

TEST_CASE("valid close codes are a clean end", "[net][ws]") {
    auto const wire = GENERATE(frame(0x88, ""), close_frame(1000), close_frame(1001),
                               close_frame(1012), close_frame(1014), close_frame(3000),
                               close_frame(4999), frame(0x88, "\x03\xe8 bye"));

    CHECK(serve(wire, 1).end.code == boost::asio::error::eof);
}

TEST_CASE("an end without a close frame is no clean end", "[net][ws]") {
    auto const got = serve(frame(0x82, "abc"), 1);

    CHECK(got.data == "abc");
    CHECK(got.end.code == boost::asio::error::connection_reset);
}

TEST_CASE("a client refuses masked frames", "[net][ws]") {
    auto const got = serve(frame(0x82, "x"), 100, Role::client);

    CHECK(got.end.code == protocol_error);
    CHECK(serve(frame(0x82, "x", false), 100, Role::client).data == "x");
}

TEST_CASE("a message of exactly 1 MiB passes", "[net][ws]") {
    auto const got = serve(frame(0x82, std::string(max_ws_message, 'x')) + close_frame(1000), 4096);

    CHECK(got.data.size() == max_ws_message);
    CHECK(got.end.code == boost::asio::error::eof);
}

TEST_CASE("payload comes out before its message is complete", "[net][ws]") {
    auto const whole = frame(0x82, std::string(5000, 'x'));

    CHECK(serve(whole.substr(0, 3000), 1000).data.size() == 3000 - 8);
}

TEST_CASE("one write of up to 64 KiB is one frame and one write below", "[net][ws]") {
    auto const size = GENERATE(std::size_t{1}, std::size_t{126}, max_ws_frame, max_ws_frame + 1);
    test::Loop loop;
    auto below = std::make_unique<test::MemStream>(std::deque<std::string>{});
    auto const record = below->record();
    auto const stream = make_ws_stream(std::move(below), Role::server, loop.executor());
    std::string const text(size, 'x');

    CHECK(loop.run(stream->write_all(as_bytes(text))).has_value());

    CHECK(record->writes == (size > max_ws_frame ? 2 : 1));
    auto const first = std::min(size, max_ws_frame);
    CHECK(record->written.starts_with(frame(0x82, text.substr(0, first), false)));
}

TEST_CASE("bytes go both ways between two ends, and each half ends by itself", "[net][ws]") {
    Ends ends(1000);
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += static_cast<char>(i * 7);
    auto writing = ends.loop.start(ends.client->write_all(as_bytes(text)));
    auto reading = ends.loop.start(read_all(*ends.server));
    auto other = ends.loop.start(read_all(*ends.client));
    CHECK(ends.loop.wait(writing).has_value());

    CHECK(ends.loop.run(ends.client->shutdown_write()).has_value());
    auto const got = ends.loop.wait(reading);
    CHECK(got.data == text);
    CHECK(got.end.code == boost::asio::error::eof);
    CHECK(ends.loop.run(ends.client->write_all(as_bytes(text))).error().code ==
          boost::asio::error::broken_pipe);

    std::string const late = "late";
    CHECK(ends.loop.run(ends.server->write_all(as_bytes(late))).has_value());
    ends.loop.run(ends.server->close());
    auto const back = ends.loop.wait(other);
    CHECK(back.data == "late");
    CHECK(back.end.code == boost::asio::error::eof);
}

TEST_CASE("closing twice sends one close frame, 1000", "[net][ws]") {
    test::Loop loop;
    auto below = std::make_unique<test::MemStream>(std::deque<std::string>{});
    auto const record = below->record();
    auto const stream = make_ws_stream(std::move(below), Role::server, loop.executor());

    (void)loop.run(stream->shutdown_write());
    (void)loop.run(stream->shutdown_write());
    loop.run(stream->close());

    CHECK(record->written == close_frame(1000, false));
    CHECK(record->closed);
}

TEST_CASE("a pong waits for the frame being written, and only the last one is sent", "[net][ws]") {
    test::Loop loop;
    auto [ours, theirs] = test::pair(100);
    auto const stream = make_ws_stream(std::move(ours), Role::server, loop.executor());
    std::string const text(300, 'x');
    auto writing = loop.start(stream->write_all(as_bytes(text)));
    auto reading = loop.start(read_all(*stream));
    auto const pings = frame(0x89, "one") + frame(0x89, "two") + close_frame(1000);
    CHECK(loop.run(theirs->write_all(as_bytes(pings))).has_value());
    loop.poll();
    CHECK(reading.done());
    CHECK_FALSE(writing.done());

    auto raw = loop.start(read_all(*theirs));
    loop.poll();
    CHECK(writing.done());
    loop.run(stream->close());
    auto const got = loop.wait(raw);

    CHECK(got.data ==
          frame(0x82, text, false) + frame(0x8a, "two", false) + close_frame(1000, false));
}

TEST_CASE("abort breaks both ends", "[net][ws]") {
    Ends ends;
    auto ours = ends.loop.start(read_all(*ends.client));
    auto theirs = ends.loop.start(read_all(*ends.server));
    ends.loop.poll();

    ends.client->abort();
    ends.loop.poll();

    CHECK(ours.get().end.code == boost::asio::error::operation_aborted);
    CHECK(theirs.get().end.code == boost::asio::error::connection_reset);
}

}  // namespace adaos::ws_test

#include "net/tls_stream.hpp"

#include "base/problem.hpp"
#include "support/tls_world.hpp"

#include <boost/asio/error.hpp>

#include <openssl/ssl.h>

#include <catch2/catch.hpp>

#include <array>

namespace adaos::tls_stream_test {

using net::TlsContext;

namespace {

/// A link's inner session over a pair of `capacity`.
struct Session {
    explicit Session(std::size_t capacity = 64 * 1024) {
        test::TlsWorld world;
        auto const who =
            pki::NodeIdentity{"sn_0123abcd", "11111111-2222-4333-8444-555555555555", true};
        auto const identity = world.node(who);
        auto const client = TlsContext::make_link_dialler(identity, world.anchors()).value();
        auto const server = TlsContext::make_link_accepter(identity, world.anchors()).value();
        auto ends = test::pair(capacity);
        wire = static_cast<test::MemPipe&>(*ends.first).link();
        auto shaken = test::shake(loop, std::move(ends), client, server, "");
        a = std::move(shaken.first).value().stream;
        b = std::move(shaken.second).value().stream;
    }
    test::Loop loop;
    std::shared_ptr<test::MemPipe::Link> wire;
    net::StreamPtr a;  // the dialler
    net::StreamPtr b;
};

SSL* ssl_of(net::StreamPtr const& stream) {
    return dynamic_cast<net::TlsStream&>(*stream).native();
}

Bytes pattern(std::size_t size) {
    test::SeededRandom random(size);
    Bytes bytes(size);
    random.fill(bytes);
    return bytes;
}

net::Task<Result<Bytes>> read_until_eof(net::ByteStream& stream) {
    Bytes all;
    std::array<std::byte, 7000> buffer;
    for (;;) {
        auto const n = co_await stream.read_some(buffer);
        if (!n && n.error().code == boost::asio::error::eof) co_return all;
        if (!n) co_return n.error();
        all.insert(all.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*n));
    }
}

net::Task<Result<void>> write_in_parts(net::ByteStream& stream, Bytes const& bytes,
                                       std::size_t part) {
    std::span<std::byte const> rest(bytes);
    while (!rest.empty()) {
        auto const now = rest.first(std::min(part, rest.size()));
        auto const written = co_await stream.write_all(now);
        if (!written) co_return written.error();
        rest = rest.subspan(now.size());
    }
    co_return co_await stream.shutdown_write();
}

/// Fails its `left`-th call and all later ones.
class FailingStream final : public net::ByteStream {
public:
    FailingStream(net::StreamPtr below, int left) : below_(std::move(below)), left_(left) {}
    net::Task<Result<std::size_t>> read_some(std::span<std::byte> into) override {
        if (left_-- <= 0) co_return failed();
        co_return co_await below_->read_some(into);
    }
    net::Task<Result<void>> write_all(std::span<std::byte const> from) override {
        if (left_-- <= 0) co_return failed();
        co_return co_await below_->write_all(from);
    }
    net::Task<Result<void>> shutdown_write() override { return below_->shutdown_write(); }
    net::Task<void> close() override { return below_->close(); }
    void abort() noexcept override { below_->abort(); }

private:
    Error failed() {
        below_->abort();
        return Error(boost::asio::error::network_down, "test");
    }
    net::StreamPtr below_;
    int left_;
};

net::Task<void> echo(TlsContext const& context, net::StreamPtr below) {
    auto accepted = co_await net::tls_accept(context, std::move(below));
    if (!accepted) co_return;
    std::array<std::byte, 4096> buffer;
    for (;;) {
        auto const n = co_await accepted->stream->read_some(buffer);
        if (!n) break;
        auto const got = std::span(buffer).first(*n);
        auto const written = co_await accepted->stream->write_all(got);
        if (!written) break;
    }
    co_await accepted->stream->close();
}

net::Task<Result<std::size_t>> ask(TlsContext const& context, net::StreamPtr below) {
    auto connected = co_await net::tls_connect(context, std::move(below), std::string("root.test"));
    if (!connected) co_return connected.error();
    auto const question = as_bytes("echo this");
    auto const written = co_await connected->stream->write_all(question);
    if (!written) co_return written.error();
    std::array<std::byte, 64> buffer;
    auto const n = co_await connected->stream->read_some(buffer);
    co_await connected->stream->close();
    co_return n;
}

}  // namespace

TEST_CASE("TLS carries any bytes both ways at once, over any buffer below", "[net][tls]") {
    auto const capacity = GENERATE(std::size_t{100}, std::size_t{64 * 1024});
    auto const part = GENERATE(std::size_t{1000}, std::size_t{16384}, std::size_t{1'000'000});
    CAPTURE(capacity, part);
    Session s(capacity);
    auto const there = pattern(300'000);
    auto const back = pattern(200'001);

    auto writing_there = s.loop.start(write_in_parts(*s.a, there, part));
    auto writing_back = s.loop.start(write_in_parts(*s.b, back, part));
    auto read_there = s.loop.start(read_until_eof(*s.b));
    auto read_back = s.loop.start(read_until_eof(*s.a));
    s.loop.poll();

    REQUIRE(writing_there.get().has_value());
    REQUIRE(writing_back.get().has_value());
    CHECK(read_there.get().value() == there);
    CHECK(read_back.get().value() == back);
}

TEST_CASE("a big write goes below in few writes, each at most 64 KiB", "[net][tls]") {
    Session s(1'000'000);
    auto& half = s.wire->halves[0];
    auto const before = half.writes;
    auto const carried = half.carried;

    REQUIRE(s.loop.run(s.a->write_all(pattern(480'000))).has_value());

    auto const writes = half.writes - before;
    CHECK(writes == 10);
    CHECK((half.carried - carried) / writes <= net::TlsStream::max_write_below);
    CHECK(half.carried - carried < 481'000);  // 30 records of 22 bytes more
}

TEST_CASE("a close_notify is an end, and half a session goes on without the other", "[net][tls]") {
    Session s;
    std::array<std::byte, 16> buffer{};

    REQUIRE(s.loop.run(s.a->shutdown_write()).has_value());
    REQUIRE(s.loop.run(s.a->shutdown_write()).has_value());
    CHECK(s.loop.run(s.b->read_some(buffer)).error().code == boost::asio::error::eof);
    CHECK(s.loop.run(s.b->read_some(buffer)).error().code == boost::asio::error::eof);
    CHECK(s.loop.run(s.a->write_all(as_bytes("x"))).error().code ==
          boost::asio::error::broken_pipe);

    REQUIRE(s.loop.run(s.b->write_all(as_bytes("late"))).has_value());
    CHECK(s.loop.run(s.a->read_some(buffer)).value() == 4);
    s.loop.run(s.b->close());
    CHECK(s.loop.run(s.a->read_some(buffer)).error().code == boost::asio::error::eof);
}

TEST_CASE("an end without close_notify is truncation", "[net][tls]") {
    Session s;
    std::array<std::byte, 16> buffer{};

    s.wire->halves[0].fin = true;  // the dialler's FIN
    s.wire->halves[0].wake();

    auto const n = s.loop.run(s.b->read_some(buffer));
    REQUIRE(n.has_error());
    CHECK(n.error().code == boost::asio::error::connection_reset);
    CHECK(n.error().context == "tls: truncated");
    CHECK(s.loop.run(s.b->read_some(buffer)).error().context == "tls: truncated");
}

TEST_CASE("an abort ends what is outstanding, and the peer sees no end", "[net][tls]") {
    Session s(100);
    std::array<std::byte, 16> mine{};
    std::array<std::byte, 16> theirs{};
    auto const big = pattern(100'000);
    auto read = s.loop.start(s.a->read_some(mine));
    auto write = s.loop.start(s.a->write_all(big));
    s.loop.poll();
    REQUIRE_FALSE(write.done());

    s.a->abort();
    s.a->abort();
    s.loop.poll();

    CHECK(read.get().error().code == boost::asio::error::operation_aborted);
    CHECK(write.get().error().code == boost::asio::error::operation_aborted);
    CHECK(s.loop.run(s.b->read_some(theirs)).error().code == boost::asio::error::connection_reset);
    CHECK(s.loop.run(s.a->read_some(mine)).error().code == boost::asio::error::operation_aborted);
}

TEST_CASE("a changed byte is noticed, and nothing after it is believed", "[net][tls]") {
    Session s;
    std::array<std::byte, 64> buffer{};
    REQUIRE(s.loop.run(s.a->write_all(as_bytes("one"))).has_value());
    REQUIRE(s.loop.run(s.a->write_all(as_bytes("two"))).has_value());
    s.wire->halves[0].buffer[8] ^= 1;

    auto const first = s.loop.run(s.b->read_some(buffer));
    auto const second = s.loop.run(s.b->read_some(buffer));

    CHECK(first.error().code == Problem::bad_answer);
    CHECK(second.error().code == Problem::bad_answer);
    CHECK(s.loop.run(s.b->write_all(as_bytes("x"))).has_error());
    auto const told = s.loop.run(s.a->read_some(buffer));  // by the alert
    CHECK(told.error().context.find("bad record mac") != std::string::npos);
}

TEST_CASE("keys change in the middle of traffic, both ways", "[net][tls]") {
    Session s(5000);
    auto const there = pattern(200'000);
    auto const back = pattern(200'000);
    auto writing_there = s.loop.start(write_in_parts(*s.a, there, 20'000));
    auto writing_back = s.loop.start(write_in_parts(*s.b, back, 20'000));
    s.loop.poll();
    REQUIRE(SSL_key_update(ssl_of(s.a), SSL_KEY_UPDATE_REQUESTED) == 1);
    REQUIRE(SSL_key_update(ssl_of(s.b), SSL_KEY_UPDATE_REQUESTED) == 1);

    auto read_there = s.loop.start(read_until_eof(*s.b));
    auto read_back = s.loop.start(read_until_eof(*s.a));
    s.loop.poll();

    CHECK(read_there.get().value() == there);
    CHECK(read_back.get().value() == back);
    CHECK(writing_there.get().has_value());
    CHECK(writing_back.get().has_value());
}

TEST_CASE("a cancelled TLS read leaves the session usable", "[net][tls]") {
    Session s;
    std::array<std::byte, 16> buffer{};
    auto read = s.loop.start(s.a->read_some(buffer));
    s.loop.poll();

    read.cancel();
    s.loop.poll();

    REQUIRE(read.done());
    CHECK(read.get().error().code == boost::asio::error::operation_aborted);
    REQUIRE(s.loop.run(s.b->write_all(as_bytes("hi"))).has_value());
    CHECK(s.loop.run(s.a->read_some(buffer)).value() == 2);
}

TEST_CASE("whatever call below fails first, TLS fails in order", "[net][tls]") {
    test::TlsWorld world;
    auto const server = TlsContext::make_server(world.server({"root.test"})).value();
    net::TlsTrust const trust{std::nullopt, world.anchors()};
    auto const client = TlsContext::make_client(trust).value();
    int successes = 0;

    for (int n = 0; n < 40; ++n) {
        test::Loop loop;
        auto ends = test::pair();
        loop.spawn(echo(server, std::move(ends.second)));
        auto asked =
            loop.start(ask(client, std::make_unique<FailingStream>(std::move(ends.first), n)));
        loop.poll();
        REQUIRE(asked.done());
        auto const answer = asked.get();
        if (answer) ++successes;
        if (!answer) CHECK(answer.error().code == boost::asio::error::network_down);
    }

    CHECK(successes > 20);
    CHECK(successes < 38);
}

TEST_CASE("random bytes in place of a handshake only ever fail", "[net][tls]") {
    test::TlsWorld world;
    auto const server = TlsContext::make_server(world.server({"root.test"})).value();
    test::SeededRandom random(7);

    for (int i = 0; i < 300; ++i) {
        Bytes noise(random.below(600));
        random.fill(noise);
        std::string bytes("\x16\x03\x01");
        if (i % 2 == 0) bytes.clear();
        bytes += as_text(noise);
        auto below = std::make_unique<test::MemStream>(std::deque<std::string>{bytes});
        CHECK(test::run(net::tls_accept(server, std::move(below))).has_error());
    }
}

}  // namespace adaos::tls_stream_test

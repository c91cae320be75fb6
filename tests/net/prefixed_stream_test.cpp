#include "net/prefixed_stream.hpp"

#include "net/sniff.hpp"
#include "support/mem_stream.hpp"
#include "support/run.hpp"

#include <boost/asio/error.hpp>

#include <catch2/catch.hpp>

#include <array>

namespace adaos::prefixed_stream_test {

namespace {

Bytes bytes(std::string_view text) {
    auto const b = as_bytes(text);
    return {b.begin(), b.end()};
}

net::Task<std::string> read_all(net::StreamPtr stream, std::size_t at_once) {
    std::string all;
    Bytes buffer(at_once);
    for (;;) {
        auto const n = co_await stream->read_some(buffer);
        if (!n) co_return all + "|" + (n.error().code == boost::asio::error::eof ? "eof" : "error");
        all += as_text(std::span(buffer).first(*n));
    }
}

net::StreamPtr scripted(std::deque<std::string> chunks) {
    return std::make_unique<test::MemStream>(std::move(chunks));
}

}  // namespace

TEST_CASE("a prefixed stream yields the given bytes, then those below", "[net]") {
    auto const at_once = GENERATE(std::size_t{1}, std::size_t{3}, std::size_t{100});
    CAPTURE(at_once);

    auto const all =
        test::run(read_all(net::make_prefixed(bytes("hello "), scripted({"wor", "ld"})), at_once));

    CHECK(all == "hello world|eof");
}

TEST_CASE("nothing is put around a stream for no bytes", "[net]") {
    auto below = scripted({});
    auto* const same = below.get();

    CHECK(net::make_prefixed({}, std::move(below)).get() == same);
}

TEST_CASE("an aborted prefixed stream keeps no bytes to give", "[net]") {
    auto stream = net::make_prefixed(bytes("hello"), scripted({"x"}));
    std::array<std::byte, 8> buffer{};

    stream->abort();

    auto const n = test::run(stream->read_some(buffer));
    CHECK(n.error().code == boost::asio::error::operation_aborted);
}

TEST_CASE("sniffing tells TLS by its first byte and loses nothing", "[net]") {
    auto tls = test::run(net::sniff(scripted({"\x16", "\x03\x01"})));
    auto plain = test::run(net::sniff(scripted({"GET ", "/"})));

    REQUIRE(tls.has_value());
    CHECK(tls->tls);
    CHECK(test::run(read_all(std::move(tls->stream), 10)) == "\x16\x03\x01|eof");
    REQUIRE(plain.has_value());
    CHECK_FALSE(plain->tls);
    CHECK(test::run(read_all(std::move(plain->stream), 10)) == "GET /|eof");
}

TEST_CASE("sniffing a connection that says nothing is its error", "[net]") {
    auto const sniffed = test::run(net::sniff(scripted({})));

    REQUIRE(sniffed.has_error());
    CHECK(sniffed.error().code == boost::asio::error::eof);
}

}  // namespace adaos::prefixed_stream_test

#pragma once
/// What the tests of a session say to each other over its streams.

#include "link/link_world.hpp"
#include "link/session.hpp"

#include <boost/asio/error.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <string>

namespace adaos::link {

using test::LinkWorld;

/// Writes all that comes back to the sender; ends when the sender ends.
inline net::Task<void> echo(net::StreamPtr stream) {
    std::array<std::byte, 4096> buffer{};
    for (;;) {
        auto const got = co_await stream->read_some(buffer);
        if (!got) break;
        auto const wrote = co_await stream->write_all(std::span(buffer).first(*got));
        if (!wrote) break;
    }
    co_await stream->close();
}

inline SessionHandlers echoing() {
    SessionHandlers handlers;
    handlers.on_stream = echo;
    return handlers;
}

inline net::Task<Result<void>> send(net::ByteStream& stream, std::string text) {
    auto const wrote = co_await stream.write_all(as_bytes(text));
    if (!wrote) co_return wrote.error();
    co_return co_await stream.shutdown_write();
}

inline net::Task<Result<std::string>> receive(net::ByteStream& stream) {
    std::string text;
    std::array<std::byte, 1000> buffer{};
    for (;;) {
        auto const got = co_await stream.read_some(buffer);
        if (!got && got.error().code == boost::asio::error::eof) co_return text;
        if (!got) co_return got.error();
        text += as_text(std::span(buffer).first(*got));
    }
}

/// Sends a question and reads the answer meanwhile.
inline std::string ask(LinkWorld& world, std::string question) {
    auto const stream = world.loop.run(world.up->open()).value();
    auto sending = world.loop.start(send(*stream, std::move(question)));
    auto const answer = world.loop.run(receive(*stream));
    REQUIRE(sending.done());
    REQUIRE(sending.get().has_value());
    return answer.value();
}

inline net::Task<HelloAck> refuse(pki::Certificate const&, Hello const&) {
    HelloAck ack;
    ack.error = "node_revoked";
    ack.detail = "removed by its owner";
    co_return ack;
}

}  // namespace adaos::link

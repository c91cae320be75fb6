#include "relay/pipe.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <vector>

namespace adaos::relay {
namespace {

net::Task<void> copy(net::ByteStream& from, net::ByteStream& to) {
    std::vector<std::byte> buffer(copy_buffer_bytes);
    for (;;) {
        auto const got = co_await from.read_some(buffer);
        if (!got) {
            if (got.error().code == boost::asio::error::eof) {
                (void)co_await to.shutdown_write();
            } else {
                to.abort();
            }
            co_return;
        }
        auto const sent = co_await to.write_all(std::span(buffer).first(*got));
        if (!sent) {
            from.abort();
            co_return;
        }
    }
}

net::Task<void> copy_and_tell(net::ByteStream& from, net::ByteStream& to, net::Event& done,
                              bool& ended) {
    co_await copy(from, to);
    ended = true;
    done.notify();
}

}  // namespace

net::Task<void> join_streams(net::ByteStream& a, net::ByteStream& b, Log log) {
    auto const loop = co_await boost::asio::this_coro::executor;
    // Cancelled, we still join the other direction before our frame goes.
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    net::Event done(loop);
    bool back_ended = false;
    net::TaskGroup group(loop, std::move(log));
    group.spawn(copy_and_tell(b, a, done, back_ended));
    co_await copy(a, b);
    while (!back_ended) co_await done.wait();
    co_await group.stop();
}

}  // namespace adaos::relay

#include "net/tcp_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>

namespace adaos::net {
namespace {

/// How much unread input close() throws away, at most, to spare the peer a reset: the kernel sends
/// one when a socket is closed with input pending, and a reset can overtake our last bytes.
constexpr int max_drain_reads = 4;
constexpr std::size_t drain_bytes = 16 * 1024;

bool would_block(boost::system::error_code const& ec) {
    return ec == boost::asio::error::would_block || ec == boost::asio::error::try_again;
}

/// Not in close() itself: the buffer would be part of every such coroutine's frame.
void drain(boost::asio::ip::tcp::socket& socket) {
    std::array<std::byte, drain_bytes> unread;
    boost::system::error_code ec;
    for (int i = 0; i < max_drain_reads && !ec; ++i)
        socket.read_some(boost::asio::buffer(unread), ec);
}

}  // namespace

TcpStream::TcpStream(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
    boost::system::error_code ignored;
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
}

bool TcpStream::may_be_immediate() noexcept {
    if (immediate_calls_ < max_immediate_calls) {
        ++immediate_calls_;
        return true;
    }
    immediate_calls_ = 0;
    return false;
}

Error TcpStream::error(boost::system::error_code ec, char const* what) const {
    // A call on a socket that abort() or close() ended: the descriptor is gone, the reason is ours.
    if (!socket_.is_open()) ec = boost::asio::error::operation_aborted;
    return Error(ec, what);
}

Task<Result<std::size_t>> TcpStream::read_some(std::span<std::byte> into) {
    auto const buffer = boost::asio::buffer(into.data(), into.size());
    if (may_be_immediate()) {
        boost::system::error_code ec;
        auto const n = socket_.read_some(buffer, ec);
        if (!ec) co_return n;
        if (!would_block(ec)) co_return error(ec, "tcp read");
        immediate_calls_ = 0;
    }
    auto const token = boost::asio::as_tuple(boost::asio::use_awaitable);
    auto const [ec, n] = co_await socket_.async_read_some(buffer, token);
    if (ec) co_return error(ec, "tcp read");
    co_return n;
}

Task<Result<void>> TcpStream::write_all(std::span<std::byte const> from) {
    auto const token = boost::asio::as_tuple(boost::asio::use_awaitable);
    while (!from.empty()) {
        auto const buffer = boost::asio::buffer(from.data(), from.size());
        if (may_be_immediate()) {
            boost::system::error_code failed;
            auto const n = socket_.write_some(buffer, failed);
            if (!failed) {
                from = from.subspan(n);
                continue;
            }
            if (!would_block(failed)) co_return error(failed, "tcp write");
            immediate_calls_ = 0;
        }
        auto const [ec, n] = co_await socket_.async_write_some(buffer, token);
        if (ec) co_return error(ec, "tcp write");
        from = from.subspan(n);
    }
    co_return Result<void>();
}

Task<Result<void>> TcpStream::shutdown_write() {
    if (std::exchange(write_ended_, true)) co_return Result<void>();
    boost::system::error_code ec;
    socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ec);
    if (ec) co_return error(ec, "tcp shutdown");
    co_return Result<void>();
}

Task<void> TcpStream::close() {
    if (!socket_.is_open()) co_return;
    write_ended_ = true;
    boost::system::error_code ec;
    socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ec);
    drain(socket_);
    socket_.close(ec);
}

void TcpStream::abort() noexcept {
    if (!socket_.is_open()) return;
    boost::system::error_code ignored;
    socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);  // RST instead of FIN
    socket_.close(ignored);
}

}  // namespace adaos::net

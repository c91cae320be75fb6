#include "net/pipe_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace adaos::net {

PipeStream::PipeStream(boost::asio::any_io_executor const& loop, int read_fd, int write_fd,
                       Writer writer)
    : in_(loop),
      out_(loop),
      read_fd_(read_fd),
      write_fd_(write_fd),
      read_flags_(::fcntl(read_fd, F_GETFL)),
      write_flags_(::fcntl(write_fd, F_GETFL)),
      writer_(writer) {
    boost::system::error_code ignored;  // a descriptor that is closed fails at its first call
    in_.assign(read_fd, ignored);
    out_.assign(write_fd, ignored);
}

PipeStream::~PipeStream() {
    give_back();
}

Task<Result<std::size_t>> PipeStream::read_some(std::span<std::byte> into) {
    auto const token = boost::asio::as_tuple(boost::asio::use_awaitable);
    auto const buffer = boost::asio::buffer(into.data(), into.size());
    auto const [ec, n] = co_await in_.async_read_some(buffer, token);
    if (ec) co_return Error(ec, "pipe read");
    co_return n;
}

Task<Result<void>> PipeStream::write_all(std::span<std::byte const> from) {
    auto const token = boost::asio::as_tuple(boost::asio::use_awaitable);
    auto const buffer = boost::asio::buffer(from.data(), from.size());
    auto const [ec, n] = co_await boost::asio::async_write(out_, buffer, token);
    if (ec) co_return Error(ec, "pipe write");
    co_return Result<void>();
}

Task<Result<void>> PipeStream::shutdown_write() {
    if (writer_ == Writer::kept || !out_.is_open()) co_return Result<void>();
    boost::system::error_code ignored;
    out_.close(ignored);
    co_return Result<void>();
}

Task<void> PipeStream::close() {
    give_back();
    co_return;
}

void PipeStream::abort() noexcept {
    give_back();
}

void PipeStream::give_back() noexcept {
    if (std::exchange(given_back_, true)) return;
    // Completes what is outstanding with operation_aborted, and leaves the descriptors open.
    if (in_.is_open()) in_.release();
    ::fcntl(read_fd_, F_SETFL, read_flags_);
    if (!out_.is_open()) return;
    out_.release();
    ::fcntl(write_fd_, F_SETFL, write_flags_);
}

}  // namespace adaos::net

#include "base/problem.hpp"
#include "link/mux_state.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace adaos::link {
namespace {

constexpr auto none = boost::asio::cancellation_type::none;

Error stream_aborted() {
    return Error(boost::asio::error::operation_aborted, "stream of a link");
}

}  // namespace

MuxStream::MuxStream(std::shared_ptr<MuxState> link, StreamId id)
    : link_(std::move(link)), id_(id), readable_(link_->loop), writable_(link_->loop) {
    link_->streams.emplace(id_, this);
}

MuxStream::~MuxStream() {
    link_->streams.erase(id_);
    if (link_->ended) return;
    drop_unread();
    link_->core.release(id_);
    link_->out.notify();
}

net::Task<Result<std::size_t>> MuxStream::read_some(std::span<std::byte> into) {
    for (;;) {
        if (over_) co_return stream_aborted();
        if (!in_.empty()) {
            auto const n = in_.take(into);
            link_->consumed(id_, n);
            co_return n;
        }
        if (ended_) co_return Error(boost::asio::error::eof, "stream of a link");
        if (link_->ended) co_return Error(Problem::link_lost, "read");
        if (reset_) co_return Error(boost::asio::error::connection_reset, "stream of a link");
        co_await readable_.wait();
        auto const state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != none) co_return stream_aborted();
    }
}

net::Task<Result<void>> MuxStream::write_all(std::span<std::byte const> from) {
    for (;;) {
        if (over_) co_return stream_aborted();
        if (link_->ended) co_return Error(Problem::link_lost, "write");
        if (reset_) co_return Error(boost::asio::error::connection_reset, "stream of a link");
        if (shut_) co_return Error(boost::asio::error::broken_pipe, "stream of a link");
        auto const n = link_->core.write(id_, from);
        if (n > 0) link_->out.notify();
        from = from.subspan(n);
        if (from.empty()) co_return Result<void>();
        co_await writable_.wait();
        auto const state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != none) co_return stream_aborted();
    }
}

net::Task<Result<void>> MuxStream::shutdown_write() {
    if (over_) co_return stream_aborted();
    if (link_->ended) co_return Error(Problem::link_lost, "shut down");
    shut_ = true;
    link_->core.end(id_);
    link_->out.notify();
    co_return Result<void>();
}

net::Task<void> MuxStream::close() {
    if (std::exchange(over_, true)) co_return;
    wake();
    if (link_->ended) co_return;
    drop_unread();
    link_->core.end(id_);
    link_->core.release(id_);
    link_->out.notify();
}

void MuxStream::abort() noexcept {
    if (std::exchange(over_, true)) return;
    wake();
    if (link_->ended) return;
    drop_unread();
    link_->core.reset(id_);
    link_->out.notify();
}

void MuxStream::drop_unread() {
    if (in_.empty()) return;
    link_->consumed(id_, in_.size());
    in_.clear();
}

}  // namespace adaos::link

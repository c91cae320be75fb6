#include "net/http_watched.hpp"

#include "base/problem.hpp"

#include <algorithm>

namespace adaos::net {
namespace {

/// The limit counts for so many bytes at a time, so that a large write to a slow reader is no
/// stall.
constexpr std::size_t write_piece = 64 * 1024;

/// Ends a wait however it is left, by an exception too.
class WaitEnd {
public:
    explicit WaitEnd(StallTimer& timer) : timer_(timer) {}
    ~WaitEnd() { timer_.stop(); }
    WaitEnd(WaitEnd const&) = delete;
    WaitEnd& operator=(WaitEnd const&) = delete;

private:
    StallTimer& timer_;
};

}  // namespace

void StallTimer::start(std::chrono::milliseconds limit) {
    auto const now = timers_.now();
    due_ = now + limit;
    waiting_ = true;
    if (timer_ == nullptr || armed_for_ > due_) arm(now);
}

void StallTimer::arm(std::chrono::steady_clock::time_point now) {
    armed_for_ = due_;
    // Rounded up: a timer that fires a little early would only be armed again.
    auto const after = std::chrono::ceil<std::chrono::milliseconds>(due_ - now);
    timer_ = timers_.call_after(after, [this] { look(); });
}

void StallTimer::look() {
    auto const now = timers_.now();
    if (!waiting_) {
        timer_.reset();
        return;
    }
    if (now < due_) {
        arm(now);
        return;
    }
    timer_.reset();
    passed_ = true;
    stream_.abort();
}

StreamPtr WatchedStream::take() noexcept {
    reads_.stop();
    writes_.stop();
    return std::move(below_);
}

Task<Result<std::size_t>> WatchedStream::read_some(std::span<std::byte> into) {
    reads_.start(read_limit_);
    WaitEnd const end(reads_);
    auto const got = co_await below_->read_some(into);
    if (!got && reads_.passed()) co_return Error(Problem::timed_out, "the peer sends nothing");
    co_return got;
}

Task<Result<void>> WatchedStream::write_all(std::span<std::byte const> from) {
    WaitEnd const end(writes_);
    do {
        auto const piece = from.first(std::min(from.size(), write_piece));
        writes_.start(write_limit_);
        auto const sent = co_await below_->write_all(piece);
        if (!sent && writes_.passed())
            co_return Error(Problem::timed_out, "the peer reads nothing");
        if (!sent) co_return sent;
        from = from.subspan(piece.size());
    } while (!from.empty());
    co_return Result<void>();
}

Task<void> WatchedStream::close() {
    WaitEnd const end(writes_);
    writes_.start(write_limit_);
    co_await below_->close();
}

}  // namespace adaos::net

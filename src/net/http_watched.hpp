#pragma once
/// A stream whose waits are bounded: a read or write that stands still for too long aborts it.
/// Internal to net.

#include "net/byte_stream.hpp"
#include "net/timers.hpp"

namespace adaos::net {

/// Bounds one wait after another. The timer stays armed between them and looks, when it fires,
/// whether a wait is under way that is due: a busy connection arms no timer per call.
class StallTimer {
public:
    StallTimer(Timers& timers, ByteStream& stream) : timers_(timers), stream_(stream) {}
    void start(std::chrono::milliseconds limit);
    void stop() noexcept { waiting_ = false; }
    [[nodiscard]] bool passed() const noexcept { return passed_; }

private:
    void arm(std::chrono::steady_clock::time_point now);
    void look();

    Timers& timers_;
    ByteStream& stream_;
    std::chrono::steady_clock::time_point due_{};
    std::chrono::steady_clock::time_point armed_for_{};
    bool waiting_ = false, passed_ = false;
    TimerPtr timer_;
};

class WatchedStream final : public ByteStream {
public:
    WatchedStream(StreamPtr below, Timers& timers, std::chrono::milliseconds write_limit)
        : below_(std::move(below)),
          write_limit_(write_limit),
          reads_(timers, *below_),
          writes_(timers, *below_) {}

    /// For reads from now on.
    void limit_reads(std::chrono::milliseconds limit) noexcept { read_limit_ = limit; }
    /// What is below, unwatched. Nothing may be outstanding; only abort() is allowed afterwards,
    /// and does nothing.
    [[nodiscard]] StreamPtr take() noexcept;

    /// Errors: Problem::timed_out when it stood still; else what is below's.
    Task<Result<std::size_t>> read_some(std::span<std::byte> into) override;
    Task<Result<void>> write_all(std::span<std::byte const> from) override;
    Task<Result<void>> shutdown_write() override { return below_->shutdown_write(); }
    Task<void> close() override;
    void abort() noexcept override {
        if (below_) below_->abort();
    }

private:
    StreamPtr below_;
    std::chrono::milliseconds read_limit_{0};
    std::chrono::milliseconds write_limit_;
    StallTimer reads_;
    StallTimer writes_;
};

}  // namespace adaos::net

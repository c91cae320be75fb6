#pragma once
/// Waiting comes in through here, so that a test moves the time by hand.

#include "net/task.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace adaos::net {

/// Destroying it cancels the call if it has not happened yet.
class Timer {
public:
    virtual ~Timer() = default;
};
using TimerPtr = std::unique_ptr<Timer>;

class Timers {
public:
    virtual ~Timers() = default;

    /// Calls `then` once on the loop's thread, `after` from now, unless the timer is gone by then.
    /// `then` may destroy the timer.
    [[nodiscard]] virtual TimerPtr call_after(std::chrono::milliseconds after,
                                              std::function<void()> then) = 0;
    [[nodiscard]] virtual std::chrono::steady_clock::time_point now() const = 0;
};

/// The real one, on an Asio loop.
class AsioTimers final : public Timers {
public:
    explicit AsioTimers(boost::asio::any_io_executor loop) : loop_(std::move(loop)) {}
    [[nodiscard]] TimerPtr call_after(std::chrono::milliseconds after,
                                      std::function<void()> then) override;
    [[nodiscard]] std::chrono::steady_clock::time_point now() const override;

private:
    boost::asio::any_io_executor loop_;
};

/// Returns after `duration`, or at once when the task is cancelled.
Task<void> sleep(Timers& timers, std::chrono::milliseconds duration);

}  // namespace adaos::net

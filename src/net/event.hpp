#pragma once
/// Coroutines wait on it, others wake them. One thread only.

#include "net/task.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace adaos::net {

/// Auto-reset: `wait` returns once `notify` was called since the last `wait` began or returned; a
/// notify with nobody waiting is remembered (once). All waiters of the moment wake. A wake-up only
/// means "look again": check the condition in a loop. A cancelled waiter returns, too, and so do
/// those who wait when it is destroyed.
class Event {
public:
    explicit Event(boost::asio::any_io_executor loop);
    Task<void> wait();
    void notify() noexcept;

private:
    boost::asio::steady_timer timer_;
    bool pending_ = false;
};

}  // namespace adaos::net

#pragma once
/// Owns the coroutines an object starts: the object's last member, stopped before it goes.

#include "base/log.hpp"
#include "net/task.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>

namespace adaos::net {

class TaskGroup {
public:
    TaskGroup(boost::asio::any_io_executor loop, Log log);
    /// Every task must have ended (`stop()` awaited, or `size() == 0`); asserted. Exception: when
    /// the loop itself is being destroyed with its tasks, nothing runs any more and that is fine.
    ~TaskGroup();
    TaskGroup(TaskGroup const&) = delete;
    TaskGroup& operator=(TaskGroup const&) = delete;

    /// Runs `task` beside the caller. An exception that escapes it is logged as a bug. After
    /// `stop()` began the task is dropped unstarted.
    void spawn(Task<void> task);

    /// Cancels all tasks (Asio terminal cancellation) and returns when the last has ended.
    /// Tasks must also be woken by their owner where they wait on something that does not hear
    /// cancellation (abort the streams first).
    Task<void> stop();

    /// Cancels all tasks without waiting.
    void cancel();

    [[nodiscard]] std::size_t size() const noexcept;

private:
    struct State;
    std::shared_ptr<State> state_;  // shared with completion handlers, which may run after us
};

}  // namespace adaos::net

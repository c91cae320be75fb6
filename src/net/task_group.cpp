#include "net/task_group.hpp"

#include "net/event.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <cassert>
#include <exception>
#include <list>
#include <string>
#include <vector>

namespace adaos::net {
namespace {

using Signal = std::shared_ptr<boost::asio::cancellation_signal>;

/// Never inside spawn(): co_spawn would run `task` up to its first wait before spawn() returned.
Task<void> start_later(boost::asio::any_io_executor loop, Task<void> task) {
    co_await boost::asio::post(loop, boost::asio::use_awaitable);
    co_await std::move(task);
}

/// What to say about an exception that ended a task; empty when it is an ordinary cancellation.
std::string describe_escaped(std::exception_ptr const& escaped) {
    try {
        std::rethrow_exception(escaped);
    } catch (boost::system::system_error const& e) {
        if (e.code() == boost::asio::error::operation_aborted) return {};
        return e.what();
    } catch (std::exception const& e) {
        return e.what();
    } catch (...) {
        return "not a std::exception";
    }
}

}  // namespace

struct TaskGroup::State {
    State(boost::asio::any_io_executor l, Log g) : loop(l), log(std::move(g)), emptied(l) {}

    boost::asio::any_io_executor loop;
    Log log;
    Event emptied;
    std::list<Signal> tasks;
    bool stopping = false;

    void cancel_all() {
        // A copy, because a task that is told may end at once, and so leave the list; and its
        // signal must live until emit() has returned.
        std::vector<Signal> const running(tasks.begin(), tasks.end());
        for (auto const& signal : running) signal->emit(boost::asio::cancellation_type::terminal);
    }
};

TaskGroup::TaskGroup(boost::asio::any_io_executor loop, Log log)
    : state_(std::make_shared<State>(std::move(loop), std::move(log))) {}

TaskGroup::~TaskGroup() {
    if (state_->tasks.empty()) return;
    // Outside the running loop nothing of the tasks runs any more: they die with the loop.
    using Loop = boost::asio::io_context::executor_type;
    auto const* const loop = state_->loop.target<Loop>();
    bool const running = loop != nullptr && loop->running_in_this_thread();
    if (running) state_->log.error("bug: a task group went before its tasks");
    assert(!running && "a task group went before its tasks");
    state_->stopping = true;
}

void TaskGroup::spawn(Task<void> task) {
    if (state_->stopping) return;
    auto const place = state_->tasks.insert(state_->tasks.end(),
                                            std::make_shared<boost::asio::cancellation_signal>());
    auto done = [state = state_, place](std::exception_ptr escaped) {
        state->tasks.erase(place);
        if (state->tasks.empty()) state->emptied.notify();
        if (!escaped) return;
        auto const why = describe_escaped(escaped);
        if (!why.empty()) state->log.error("bug: a task ended with an exception", {{"what", why}});
    };
    boost::asio::co_spawn(state_->loop, start_later(state_->loop, std::move(task)),
                          boost::asio::bind_cancellation_slot((*place)->slot(), std::move(done)));
}

Task<void> TaskGroup::stop() {
    auto const state = state_;
    state->stopping = true;
    // Joining is not optional: a cancelled stopper waits all the same.
    auto const throws = co_await boost::asio::this_coro::throw_if_cancelled();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    cancel();
    while (!state->tasks.empty()) {
        co_await state->emptied.wait();
    }
    co_await boost::asio::this_coro::throw_if_cancelled(throws);
}

void TaskGroup::cancel() {
    // On the loop: Asio forwards a signal that is emitted elsewhere by a plain pointer to it.
    boost::asio::dispatch(state_->loop, [state = state_] { state->cancel_all(); });
}

std::size_t TaskGroup::size() const noexcept {
    return state_->tasks.size();
}

}  // namespace adaos::net

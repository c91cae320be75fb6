#pragma once
/// Runs coroutines in tests: `run(task)` for one, `Loop` for several that live side by side.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>

namespace adaos::test {

/// A coroutine started by Loop::start.
template <class T>
class Pending {
    using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
    struct State {
        std::optional<Value> value;
        std::exception_ptr failure;
        boost::asio::cancellation_signal signal;
        bool done = false;
    };

public:
    [[nodiscard]] bool done() const { return state_->done; }
    /// The result, moved out. Throws what the task threw, or logic_error when it is not done.
    T get() {
        if (!state_->done) throw std::logic_error("the task never finished");
        if (state_->failure) std::rethrow_exception(state_->failure);
        if constexpr (!std::is_void_v<T>) return std::move(*state_->value);
    }
    /// Asio terminal cancellation, as TaskGroup::stop sends it.
    void cancel() { state_->signal.emit(boost::asio::cancellation_type::terminal); }

private:
    friend class Loop;
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// An event loop that never waits for nothing: a call that runs dry before its task ended throws.
/// Declare it before the objects that use it, so that it is destroyed last.
class Loop {
public:
    [[nodiscard]] boost::asio::any_io_executor executor() { return loop_.get_executor(); }
    [[nodiscard]] boost::asio::io_context& context() { return loop_; }

    /// Starts `task` and returns a handle on its result. Nothing runs before poll() or run().
    template <class T>
    Pending<T> start(boost::asio::awaitable<T> task) {
        Pending<T> pending;
        auto const state = pending.state_;
        auto const slot = state->signal.slot();
        if constexpr (std::is_void_v<T>) {
            boost::asio::co_spawn(
                loop_, std::move(task),
                boost::asio::bind_cancellation_slot(slot, [state](std::exception_ptr failure) {
                    state->failure = failure;
                    state->done = true;
                }));
        } else {
            boost::asio::co_spawn(loop_, std::move(task),
                                  boost::asio::bind_cancellation_slot(
                                      slot, [state](std::exception_ptr failure, T value) {
                                          state->failure = failure;
                                          state->value.emplace(std::move(value));
                                          state->done = true;
                                      }));
        }
        return pending;
    }

    /// Starts `task` for its effects. What it throws comes out of the next poll() or run().
    void spawn(boost::asio::awaitable<void> task) {
        boost::asio::co_spawn(loop_, std::move(task), [this](std::exception_ptr failure) {
            if (failure && !failure_) failure_ = failure;
        });
    }

    /// Runs everything that can run without waiting.
    void poll() {
        loop_.restart();
        loop_.poll();
        rethrow();
    }

    /// Runs `task`, and everything else meanwhile, until it ended. Throws when the loop runs dry.
    template <class T>
    T run(boost::asio::awaitable<T> task) {
        auto pending = start(std::move(task));
        return wait(pending);
    }
    template <class T>
    T wait(Pending<T>& pending) {
        loop_.restart();
        while (!pending.done() && loop_.run_one() > 0) {
        }
        rethrow();
        return pending.get();
    }

    /// The same with hand-moved time (ManualTimers): whenever nothing can run, the time jumps to
    /// the next timer. Throws when there is none.
    template <class T, class Time>
    T run(boost::asio::awaitable<T> task, Time& timers) {
        auto pending = start(std::move(task));
        return wait(pending, timers);
    }
    template <class T, class Time>
    T wait(Pending<T>& pending, Time& timers) {
        poll();
        while (!pending.done() && timers.fire_next()) poll();
        return pending.get();
    }

    /// Lets `duration` pass on `timers`, one timer at a time, running the loop after each.
    template <class Time, class Duration>
    void advance(Time& timers, Duration duration) {
        auto const end = timers.now() + duration;
        poll();
        while (timers.fire_next_until(end)) poll();
        poll();
    }

private:
    void rethrow() {
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    }
    // Before the loop: tasks that die with the loop may still touch it.
    std::exception_ptr failure_;
    boost::asio::io_context loop_;
};

/// Runs `task` on a fresh event loop and returns its result. Throws when the loop runs dry first:
/// a task that waits for something nobody will ever do fails instead of hanging.
template <class T>
T run(boost::asio::awaitable<T> task) {
    Loop loop;
    return loop.run(std::move(task));
}

/// The same, time jumping ahead whenever the task only waits for it.
template <class T, class Time>
T run(boost::asio::awaitable<T> task, Time& timers) {
    Loop loop;
    return loop.run(std::move(task), timers);
}

}  // namespace adaos::test

#pragma once
/// Runs a blocking job on another thread and waits for its result without blocking the loop.

#include "base/problem.hpp"
#include "net/event.hpp"
#include "net/task.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace adaos::net {

/// Hands a job to another thread; false when its queue is full.
using Post = std::function<bool(std::function<void()>)>;

/// Errors: Problem::relay_busy when the queue is full, else the job's. A cancelled caller still
/// waits for the job: what it refers to stays alive.
template <class T>
Task<Result<T>> offload(Post post, std::function<Result<T>()> job) {
    struct State {
        explicit State(boost::asio::any_io_executor loop) : done(std::move(loop)) {}
        Event done;
        std::optional<Result<T>> result;
    };
    auto const loop = co_await boost::asio::this_coro::executor;
    auto const state = std::make_shared<State>(loop);  // shared with the other thread's last step
    auto const work = boost::asio::prefer(loop, boost::asio::execution::outstanding_work.tracked);
    std::function<void()> const run = [state, work, job = std::move(job)] {
        auto result = std::make_shared<Result<T>>(job());
        boost::asio::post(work, [state, result] {
            state->result.emplace(std::move(*result));
            state->done.notify();
        });
    };
    if (!post(run)) co_return Error(Problem::relay_busy, "the store's queue is full");
    auto const throws = co_await boost::asio::this_coro::throw_if_cancelled();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    while (!state->result) co_await state->done.wait();
    co_await boost::asio::this_coro::throw_if_cancelled(throws);
    co_return std::move(*state->result);
}

}  // namespace adaos::net

#include "net/timers.hpp"

#include "net/event.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace adaos::net {
namespace {

class AsioTimer final : public Timer {
public:
    AsioTimer(boost::asio::any_io_executor const& loop, std::chrono::milliseconds after,
              std::function<void()> then)
        : call_(std::make_shared<Call>(loop, after, std::move(then))) {
        call_->timer.async_wait([call = call_](boost::system::error_code const&) {
            // Empty when the Timer went while this was already queued. Moved out first: `then` may
            // destroy the Timer.
            auto const due = std::exchange(call->then, nullptr);
            if (due) due();
        });
    }
    ~AsioTimer() override {
        call_->then = nullptr;
        call_->timer.cancel();
    }
    AsioTimer(AsioTimer const&) = delete;
    AsioTimer& operator=(AsioTimer const&) = delete;

private:
    struct Call {
        Call(boost::asio::any_io_executor const& loop, std::chrono::milliseconds after,
             std::function<void()> f)
            : timer(loop, after), then(std::move(f)) {}
        boost::asio::steady_timer timer;
        std::function<void()> then;
    };
    std::shared_ptr<Call> call_;  // shared with the handler, which may be queued when we go
};

}  // namespace

TimerPtr AsioTimers::call_after(std::chrono::milliseconds after, std::function<void()> then) {
    return std::make_unique<AsioTimer>(loop_, after, std::move(then));
}

std::chrono::steady_clock::time_point AsioTimers::now() const {
    return std::chrono::steady_clock::now();
}

Task<void> sleep(Timers& timers, std::chrono::milliseconds duration) {
    auto const loop = co_await boost::asio::this_coro::executor;
    Event over(loop);
    auto wake = [&over] { over.notify(); };
    auto const timer = timers.call_after(duration, wake);
    co_await over.wait();
}

}  // namespace adaos::net

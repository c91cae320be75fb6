#include "net/event.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace adaos::net {

Event::Event(boost::asio::any_io_executor loop)
    : timer_(std::move(loop), boost::asio::steady_timer::time_point::max()) {}

Task<void> Event::wait() {
    if (std::exchange(pending_, false)) co_return;
    auto const token = boost::asio::as_tuple(boost::asio::use_awaitable);
    // Ends by notify(), by the task's cancellation, or by our destructor: `this` may be gone then.
    co_await timer_.async_wait(token);
}

void Event::notify() noexcept {
    // How many waited is what cancel() says; a count of our own would have to be kept right across
    // cancelled waiters and a destroyed event. A waiter already woken but not yet resumed does not
    // count: it gets one more wake-up, which it must be ready for anyway.
    if (timer_.cancel() == 0) pending_ = true;
}

}  // namespace adaos::net

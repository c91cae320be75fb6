#include "api/drain.hpp"

#include "api/open_pages.hpp"
#include "base/problem.hpp"

namespace adaos::api {
namespace {

/// An idle server is to stop at once, a busy one soon after its last exchange.
constexpr std::chrono::milliseconds look_again{20};

}  // namespace

Drain::Counted::Counted(Drain& drain, net::Exchange& exchange)
    : drain_(exchange.request().fields.find("upgrade") == nullptr ? &drain : nullptr) {
    if (drain_ != nullptr) ++drain_->under_way_;
}

Drain::Counted::~Counted() {
    if (drain_ != nullptr) --drain_->under_way_;
}

net::Task<bool> Drain::refuse(net::Exchange& exchange) {
    if (!begun_) co_return false;
    Error error(Problem::draining, "");
    co_await answer_error(exchange, std::move(error));
    co_return true;
}

net::Task<void> Drain::run(net::Timers& timers, std::chrono::milliseconds grace) {
    begun_ = true;
    for (auto waited = std::chrono::milliseconds(0); waited < grace && under_way_ > 0;
         waited += look_again)
        co_await net::sleep(timers, look_again);
}

}  // namespace adaos::api

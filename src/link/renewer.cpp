#include "link/renewer.hpp"

#include "pki/authority.hpp"

#include <algorithm>

namespace adaos::link {
namespace {

using std::chrono::milliseconds;

/// The wall clock may jump, so it is looked at rather than waited for; more often for a certificate
/// that lives for minutes.
constexpr milliseconds longest_step{60'000};
constexpr milliseconds shortest_step{1000};
constexpr int steps_in_a_life = 20;

/// Pauses after a failure: at random between half a cap and the cap, which doubles each time.
constexpr milliseconds first_cap{4000};
constexpr milliseconds longest_cap{300'000};

double draw_jitter(Random& random) {
    constexpr std::uint64_t steps = 1000;
    return static_cast<double>(random.below(steps)) / steps;
}

milliseconds step_for(pki::Certificate const& certificate) {
    auto const life = certificate.not_after() - certificate.not_before() - pki::backdate;
    auto const step = std::chrono::duration_cast<milliseconds>(life) / steps_in_a_life;
    return std::clamp(step, shortest_step, longest_step);
}

}  // namespace

WallTime renewal_time(pki::Certificate const& certificate, double jitter) {
    constexpr double most = 0.1;
    auto const half = pki::half_life(certificate);
    auto const left = std::chrono::duration<double, std::milli>(certificate.not_after() - half);
    return half + milliseconds(static_cast<std::int64_t>(left.count() * most * jitter));
}

Renewer::Renewer(Deps deps)
    : deps_(std::move(deps)),
      step_(shortest_step),
      cap_(first_cap),
      jitter_(draw_jitter(deps_.env.random)) {}

/// The certificate is only read again when its time seems to have come: somebody else may have
/// renewed it.
bool Renewer::is_due() {
    auto const now = deps_.env.clock.wall();
    if (stored_) return true;
    if (due_ && now < *due_) return false;
    auto const certificate = deps_.current();
    if (!certificate) return false;
    due_ = renewal_time(*certificate, jitter_);
    step_ = step_for(*certificate);
    return now >= *due_;
}

net::Task<Result<void>> Renewer::renew() {
    if (!stored_) {
        auto const asked = co_await deps_.renew();
        if (!asked) co_return asked.error();
        stored_ = true;
        deps_.env.log.info("certificate renewed");
    }
    auto const used = co_await deps_.take_up();
    if (!used) co_return used.error();
    stored_ = false;
    co_return Result<void>();
}

void Renewer::on_failed(Error const& error) {
    Log::Fields const fields{{"cause", error.message()}};
    if (failing_) {
        deps_.env.log.debug("certificate not renewed", fields);
    } else {
        deps_.env.log.warning("certificate not renewed yet, trying on", fields);
    }
    failing_ = true;
}

net::Task<void> Renewer::run() {
    auto pause = shortest_step;  // a start past the time is a time to renew, once the link is up
    while (!stopping_) {
        co_await net::sleep(deps_.env.timers, pause);
        if (stopping_) break;
        bool const due = is_due();
        pause = step_;
        if (!due) continue;
        auto const renewed = co_await renew();
        if (renewed) {
            failing_ = false;
            cap_ = first_cap;
            due_.reset();
            jitter_ = draw_jitter(deps_.env.random);
            continue;
        }
        on_failed(renewed.error());
        auto const half = static_cast<std::uint64_t>(cap_.count()) / 2;
        pause = milliseconds(half + deps_.env.random.below(half + 1));
        cap_ = std::min(cap_ * 2, std::min(longest_cap, std::max(first_cap, step_)));
    }
}

}  // namespace adaos::link

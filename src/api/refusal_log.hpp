#pragma once
/// Puts what enrol::Refusals counts into the audit trail, for attempts at the doors of an
/// authority. On the loop; what it writes is written on the store's thread, and nobody waits for
/// it.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "enrol/refusals.hpp"
#include "net/timers.hpp"

#include <functional>
#include <string>
#include <vector>

namespace adaos::api {

class RefusalLog {
public:
    /// Queues a job for the store; false when there is no room.
    using Post = std::function<bool(std::function<void(store::Database&)>)>;
    RefusalLog(Clock& clock, net::Timers& timers, Post post)
        : clock_(clock), timers_(timers), post_(std::move(post)) {}
    /// Writes what is counted.
    ~RefusalLog();
    RefusalLog(RefusalLog const&) = delete;

    /// An attempt of `address` at `door` was refused for `why`, before any secret was judged. What
    /// is our own fault (5xx) is none.
    void add(std::string const& address, std::string const& door, Error const& why);

private:
    void end_window();
    void write(std::vector<enrol::AuditRow> rows);

    Clock& clock_;
    net::Timers& timers_;
    Post post_;
    enrol::Refusals refusals_;
    std::vector<enrol::AuditRow> late_;  ///< for which the store had no room
    net::TimerPtr window_;
};

}  // namespace adaos::api

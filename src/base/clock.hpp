#pragma once
/// Time comes in through here, so that a test can hold it still.

#include <chrono>
#include <string>

namespace adaos {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
public:
    virtual ~Clock() = default;
    /// UTC. May jump; for what people read and what must survive a restart.
    [[nodiscard]] virtual WallTime wall() const = 0;
    /// Never goes back. For timeouts and ages.
    [[nodiscard]] virtual SteadyTime steady() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] WallTime wall() const override;
    [[nodiscard]] SteadyTime steady() const override;
};

/// RFC 3339 in UTC with seconds: "2026-11-21T14:03:00Z".
[[nodiscard]] std::string rfc3339(WallTime t);
/// The reverse, for what we wrote ourselves (`Z` only); the epoch when it is something else.
[[nodiscard]] WallTime parse_rfc3339(std::string const& text);
/// Milliseconds since the Unix epoch: the form times have in SQLite.
[[nodiscard]] inline std::int64_t to_millis(WallTime t) {
    return t.time_since_epoch().count();
}
[[nodiscard]] inline WallTime from_millis(std::int64_t ms) {
    return WallTime(std::chrono::milliseconds(ms));
}

}  // namespace adaos

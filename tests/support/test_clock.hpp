#pragma once
/// A clock that stands still until it is told.

#include "base/clock.hpp"

namespace adaos::test {

class TestClock final : public Clock {
public:
    /// 2026-01-01T00:00:00Z unless told otherwise.
    explicit TestClock(WallTime start = WallTime(std::chrono::milliseconds(1'767'225'600'000)))
        : wall_(start) {}

    [[nodiscard]] WallTime wall() const override { return wall_; }
    [[nodiscard]] SteadyTime steady() const override { return steady_; }

    void advance(std::chrono::milliseconds by) {
        wall_ += by;
        steady_ += by;
    }
    /// The wall clock jumps, as after an NTP step; steady time does not.
    void set_wall(WallTime t) { wall_ = t; }

private:
    WallTime wall_;
    SteadyTime steady_{std::chrono::hours(1)};
};

}  // namespace adaos::test

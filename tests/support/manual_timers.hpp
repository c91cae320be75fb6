#pragma once
/// Timers moved by hand. Callbacks run inside advance(), in order of their time; what they wake
/// runs when the loop is polled (Loop::advance does both).

#include "net/timers.hpp"
#include "support/test_clock.hpp"

#include <map>
#include <utility>

namespace adaos::test {

class ManualTimers final : public net::Timers {
    using Time = std::chrono::steady_clock::time_point;
    using Key = std::pair<Time, std::uint64_t>;
    using Calls = std::map<Key, std::function<void()>>;

public:
    ManualTimers() = default;
    /// `clock` moves along; do not advance it by itself then.
    explicit ManualTimers(TestClock& clock) : clock_(&clock), now_(clock.steady()) {}

    [[nodiscard]] net::TimerPtr call_after(std::chrono::milliseconds after,
                                           std::function<void()> then) override {
        Key const key(now_ + after, ++last_id_);
        calls_->emplace(key, std::move(then));
        return std::make_unique<Armed>(calls_, key);
    }
    [[nodiscard]] Time now() const override { return now_; }

    /// Moves the time, calling what becomes due (also what those calls arm, if due by then).
    void advance(std::chrono::milliseconds by) {
        auto const end = now_ + by;
        while (fire_next_until(end)) {
        }
    }

    /// Jumps to the next timer and calls it; false when none is armed.
    bool fire_next() { return !calls_->empty() && fire_next_until(calls_->begin()->first.first); }

    /// The same if it is due by `end`; else moves to `end` and returns false.
    bool fire_next_until(Time end) {
        if (calls_->empty() || calls_->begin()->first.first > end) {
            move_to(end);
            return false;
        }
        auto call = calls_->extract(calls_->begin());
        move_to(call.key().first);
        call.mapped()();
        return true;
    }

    [[nodiscard]] std::size_t armed() const { return calls_->size(); }

private:
    class Armed final : public net::Timer {
    public:
        Armed(std::shared_ptr<Calls> calls, Key key) : calls_(std::move(calls)), key_(key) {}
        ~Armed() override { calls_->erase(key_); }

    private:
        std::shared_ptr<Calls> calls_;
        Key key_;
    };

    void move_to(Time t) {
        if (t <= now_) return;
        if (clock_ != nullptr)
            clock_->advance(std::chrono::duration_cast<std::chrono::milliseconds>(t - now_));
        now_ = t;
    }

    TestClock* clock_ = nullptr;
    Time now_{std::chrono::hours(1)};
    std::uint64_t last_id_ = 0;
    // Shared with the timers: one may be destroyed after us, at the end of a test.
    std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
};

}  // namespace adaos::test

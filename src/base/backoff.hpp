#pragma once
/// How long to wait before the next try: caps of 1, 2, 4, 8, then 15 s, full jitter at every step.

#include "base/random.hpp"

#include <array>
#include <chrono>

namespace adaos {

class Backoff {
public:
    explicit Backoff(Random& random) : random_(random) {}

    /// The next pause: uniform between a tenth of the step's cap and the cap (full jitter, with a
    /// floor so that a dead upstream is not hammered), then one step up.
    [[nodiscard]] std::chrono::milliseconds next();
    /// After a success: the next pause is a first one again.
    void reset() noexcept { step_ = 0; }

private:
    static constexpr std::array<std::uint64_t, 5> caps_ms{1000, 2000, 4000, 8000, 15000};
    Random& random_;
    std::size_t step_ = 0;
};

}  // namespace adaos

#pragma once
/// How long to wait before the next try: caps of 1, 2, then 4 s, full jitter at every step. The
/// longest pause and an attempt that hangs (5 s) are less than the 10 s within which a link is to
/// be back once its upstream is.

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
    static constexpr std::array<std::uint64_t, 3> caps_ms{1000, 2000, 4000};
    Random& random_;
    std::size_t step_ = 0;
};

}  // namespace adaos

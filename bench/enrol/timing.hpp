#pragma once
/// What was counted and how long it took.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace adaos::bench {

using Millis = std::chrono::duration<double, std::milli>;

class Stopwatch {
public:
    [[nodiscard]] Millis passed() const { return std::chrono::steady_clock::now() - began_; }

private:
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// Seconds of CPU time that this process has taken.
[[nodiscard]] inline double own_cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    auto const seconds = [](timeval t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Slices of one measurement, added up: a yardstick and what it measures take turns, so that both
/// meet the same neighbours on the machine.
struct Rate {
    double count = 0;
    Millis time{};
    void add(double more, Millis took) {
        count += more;
        time += took;
    }
    [[nodiscard]] double per_second() const {
        return time.count() > 0 ? count * 1000 / time.count() : 0;
    }
};

/// The smallest value that `part` (0 to 1) of all values do not exceed; 0 when there are none.
[[nodiscard]] inline double percentile(std::vector<double> values, double part) {
    if (values.empty()) return 0;
    auto const last = static_cast<double>(values.size() - 1);
    auto const at = static_cast<std::ptrdiff_t>(std::min(last, part * last + 0.5));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

}  // namespace adaos::bench

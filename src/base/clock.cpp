#include "base/clock.hpp"

#include <cstdio>
#include <ctime>

namespace adaos {

WallTime SystemClock::wall() const {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

SteadyTime SystemClock::steady() const {
    return std::chrono::steady_clock::now();
}

std::string rfc3339(WallTime t) {
    auto const seconds = static_cast<std::time_t>(
        std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count());
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    auto const n = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text, n};
}

WallTime parse_rfc3339(std::string const& text) {
    std::tm parts{};
    char const* const end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (end == nullptr || *end != '\0') return {};
    WallTime const t(std::chrono::seconds(timegm(&parts)));
    // strptime takes "2026-1-1" and 31 February, too.
    return rfc3339(t) == text ? t : WallTime();
}

}  // namespace adaos

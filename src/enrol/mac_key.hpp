#pragma once
/// Internal to enrol.

#include "base/bytes.hpp"
#include "base/problem.hpp"

#include <chrono>

namespace adaos::enrol {

/// How far the clock may have gone back since a secret was made before the secret counts as dead: a
/// longer jump would bring expired ones back to life.
inline constexpr std::chrono::milliseconds max_step_back{60'000};

/// An empty or short key would make every MAC guessable. Errors: internal.
[[nodiscard]] inline Result<void> check_mac_key(Bytes const& key) {
    if (key.size() != Digest{}.size()) return Error(Problem::internal, "MAC key of a wrong length");
    return Result<void>();
}

}  // namespace adaos::enrol

#pragma once
/// `adaos demo`: a whole subnet on this machine, from real processes on loopback.

#include "base/error.hpp"

#include <optional>
#include <string>

namespace adaos::node {

struct DemoOptions {
    bool check = false;               ///< exit 0 or 1 instead of staying
    std::optional<std::string> keep;  ///< folder for the state, which then stays
};

/// Returns the exit code, or the error to print. Progress goes to stderr, the result to stdout.
[[nodiscard]] Result<int> run_demo(DemoOptions const& options);

}  // namespace adaos::node

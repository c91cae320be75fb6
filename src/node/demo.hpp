#pragma once
/// `adaos demo`: a whole subnet on this machine, from real processes on loopback.

#include "base/error.hpp"

#include <optional>
#include <string>

namespace adaos::node {

struct Context;

struct DemoOptions {
    bool check = false;               ///< only look whether it works, instead of staying
    std::optional<std::string> keep;  ///< folder for the state, which then stays
};

/// Progress goes to `err`, the result to `out`. Errors: interrupted when a signal came before what
/// was asked for was done, config_invalid for the temporary folder, else what failed.
[[nodiscard]] Result<void> run_demo(Context& context, DemoOptions const& options);

}  // namespace adaos::node

#pragma once
/// The command line of `adaos-root`.

#include "cli/console.hpp"
#include "root/ca_set.hpp"

#include <string>
#include <vector>

namespace adaos::root {

/// `words` without the program's name. Returns the exit code.
[[nodiscard]] int run_cli(cli::Console console, std::vector<std::string> const& words);

/// adaos.ca-fingerprint/v1
[[nodiscard]] std::string pins_json(CaPins const& pins);

}  // namespace adaos::root

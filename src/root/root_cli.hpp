#pragma once
/// The command line of `adaos-root`.

#include "cli/console.hpp"

#include <string>
#include <vector>

namespace adaos::root {

/// `words` without the program's name. Returns the exit code.
[[nodiscard]] int run_cli(cli::Console console, std::vector<std::string> const& words);

/// adaos.ca-fingerprint/v1
[[nodiscard]] std::string fingerprint_json(std::string const& pin, std::string const& ca_file);

}  // namespace adaos::root

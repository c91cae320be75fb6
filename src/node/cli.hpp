#pragma once
/// The command line of `adaos`: words in, one command run, its exit code out.

#include "node/command.hpp"

#include <span>
#include <string>
#include <vector>

namespace adaos::node {

/// `words` without the program's name. Usage errors are exit 2 with two lines on stderr; help and
/// version go to `context.out`. Secrets that stand in `argv`, the process's own words, are
/// overwritten there.
[[nodiscard]] int run_cli(Context& context, std::vector<std::string> const& words,
                          std::span<char* const> argv = {});

}  // namespace adaos::node

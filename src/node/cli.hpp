#pragma once
/// The command line of `adaos`: words in, one command run, its exit code out.

#include "node/command.hpp"

#include <string>
#include <vector>

namespace adaos::node {

/// `words` without the program's name. Usage errors are exit 2 with two lines on stderr; help and
/// version go to `context.out`.
[[nodiscard]] int run_cli(Context& context, std::vector<std::string> const& words);

}  // namespace adaos::node

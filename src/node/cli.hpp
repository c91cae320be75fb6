#pragma once
/// The command line of `adaos`: words in, one command run, its exit code out.

#include "node/command.hpp"

#include <span>
#include <string>
#include <vector>

namespace adaos::node {

/// `words` without the program's name. Usage errors are exit 2 with two lines on stderr; help and
/// version go to `context.out`.
[[nodiscard]] int run_cli(Context& context, std::vector<std::string> const& words);

/// Overwrites the values of --code and --token in place, so that `ps` does not show them.
void scrub_secrets(std::span<char*> argv) noexcept;

/// The nearest of `known` to what was typed; empty when none is near. Pure.
[[nodiscard]] std::string nearest(std::string const& typed, std::vector<std::string> const& known);

/// "adaos 0.1.0", or with `json` adaos.version/v1.
[[nodiscard]] std::string version_text(bool json);

}  // namespace adaos::node

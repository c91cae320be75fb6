#pragma once
/// Options that take a secret, on top of CLI11. To adopt: a SecretOption among the command's
/// options, `add_secret_option` where they are declared, `read_secret` where it is needed.

#include "cli/console.hpp"
#include "cli/secret_source.hpp"

#include <span>

namespace CLI {
class App;
}

namespace adaos::cli {

/// Adds `--code SOURCE` and, for those who prefer an option of its own, `--code-file PATH`,
/// `--code-env NAME` and `--code-stdin`. One of them at most may be given; it lands in
/// `option.source`. `--code` without a value is `prompt`. `option` outlives `app`.
void add_secret_option(CLI::App* app, SecretOption& option);

/// Overwrites in place the secrets that stand in `argv` as values of such options anywhere below
/// `app`, so that `ps` does not show them. Before parsing: a copy is what is parsed.
void hide_literals(CLI::App const& app, std::span<char* const> argv);

/// One line for each secret that was itself on the command line. After parsing.
void warn_of_literals(CLI::App const& app, Console const& console);

}  // namespace adaos::cli

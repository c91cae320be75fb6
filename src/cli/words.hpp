#pragma once
/// A command line in the house's manner, on top of CLI11.

#include "cli/console.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace adaos::cli {

/// Help shows the examples, which are the footer of an app, before its options. Subcommands that
/// are added later inherit it.
void show_examples_first(CLI::App& app);

/// Parses `words`, which do not hold the program's name. Absent: go on. Else the exit code: 0 when
/// help was asked for, 2 after a usage error, with what was probably meant in its hint. Warns of
/// secrets among the words.
[[nodiscard]] std::optional<int> parse(CLI::App& app, std::vector<std::string> words,
                                       Console const& console);
/// A usage error about the command word that was understood last. Returns the exit code.
[[nodiscard]] int misuse(CLI::App& app, Console const& console, std::string message);

/// --base-dir as given. Errors: invalid_option when it is empty.
[[nodiscard]] Result<void> check_base_dir(std::optional<std::string> const& base_dir);

}  // namespace adaos::cli

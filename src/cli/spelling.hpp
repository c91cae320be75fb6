#pragma once
/// Words as typed and as shown. Pure.

#include <string>
#include <vector>

namespace adaos::cli {

/// The nearest of `known` to what was typed; empty when none is near.
[[nodiscard]] std::string nearest(std::string const& typed, std::vector<std::string> const& known);

/// `word` as one word of a POSIX shell: as it is, or in single quotes.
[[nodiscard]] std::string shell_word(std::string const& word);

}  // namespace adaos::cli

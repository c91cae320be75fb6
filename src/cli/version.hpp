#pragma once
/// What was built.

#include <string>
#include <string_view>

namespace adaos::cli {

/// "adaos 0.1.0\n", or with `json` adaos.version/v1. `commit` is left out of it when it was built
/// without git.
[[nodiscard]] std::string version_text(std::string_view program, bool json);

/// Of the source, "-dirty" behind it when files differed; empty without git. Made by
/// cmake/commit.cmake at each build.
extern char const* const commit;

}  // namespace adaos::cli

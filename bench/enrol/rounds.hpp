#pragma once
/// The two halves of the bench; each adds its lines to the report.

#include "base/error.hpp"
#include "bench/enrol/report.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace adaos::bench {

struct Plan {
    std::string binary;            ///< adaos-root
    std::filesystem::path folder;  ///< on a real disk; the bench makes folders in it
    std::size_t rounds = 3;
    std::size_t codes = 128;    ///< PAKE joins of a round
    std::size_t tokens = 1280;  ///< token joins of a round
    std::int64_t spent = 1'000'000;
    std::size_t token_pairs = 400;
    std::size_t code_pairs = 60;
};

/// Yardsticks and 64 joiners, in turns.
[[nodiscard]] Result<void> run_crowds(Plan const& plan, Report& report);
/// One joiner at an empty store and at one with `plan.spent` spent grants, in turns.
[[nodiscard]] Result<void> run_paired(Plan const& plan, Report& report);

}  // namespace adaos::bench

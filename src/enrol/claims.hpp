#pragma once
/// Claims: a small JSON object of texts that a grant asks for, such as a payout key. Pure.

#include "base/error.hpp"

#include <string_view>

namespace adaos::enrol {

inline constexpr std::size_t max_claims_bytes = 4096;
[[nodiscard]] Result<void> check_claims_size(std::string_view claims_json);

/// Every claim that `required` names is in `given` with the same text. Nothing required: true.
/// Errors: invalid_field when one of the two is no object of texts.
[[nodiscard]] Result<bool> claims_match(std::string_view required, std::string_view given);

}  // namespace adaos::enrol

#pragma once
/// Short join codes: 8, 10 or 12 symbols, shown in halves ("ABCD-EFGH"). Pure.

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

#include <string>
#include <string_view>

namespace adaos::enrol {

/// A-Z without I and O, and 2-9: 32 symbols, 5 bits each.
inline constexpr std::string_view code_alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Only 8, 10, 12. Errors: Problem::invalid_field.
[[nodiscard]] Result<void> check_code_length(int length);
/// Fresh, canonical (no dash).
[[nodiscard]] Secret make_code(Random& random, int length);
/// "ABCD-EFGH".
[[nodiscard]] std::string display_code(Secret const& canonical);
/// Upper case, without dashes and blanks. Errors: code_blank, code_malformed (a wrong length, a
/// symbol outside the alphabet; input over 64 bytes).
[[nodiscard]] Result<Secret> parse_code(std::string_view typed);
/// The first 2, 3 or 4 symbols: the part that may be shown (docs: decisions, Join codes).
[[nodiscard]] std::string code_slot(Secret const& canonical);
/// The rest: 6, 7 or 8 symbols that are proved, never sent by the PAKE door.
[[nodiscard]] Secret code_secret(Secret const& canonical);
/// Has the form of a slot: 2 to 4 symbols of the alphabet.
[[nodiscard]] bool is_slot(std::string_view text);
/// The only trace of a code in a store (the plain door): HMAC-SHA-256 under a key kept outside it.
[[nodiscard]] Digest code_mac(std::span<std::byte const> key, Secret const& canonical);

}  // namespace adaos::enrol

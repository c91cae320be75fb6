#pragma once
/// The slots of live codes, and what was tried on each. Inside the caller's transaction.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "store/database.hpp"

#include <string_view>

namespace adaos::enrol {

/// A code burns after this many wrong tries (decisions, Join codes).
inline constexpr int max_slot_tries = 5;

/// `length`, or the next one while a quarter of that length's slots are live.
[[nodiscard]] Result<int> roomy_code_length(store::Database& db, int length, WallTime now);
/// A code with that slot could be used now. An empty slot (a token's) never is.
[[nodiscard]] Result<bool> is_slot_live(store::Database& db, std::string_view slot, WallTime now);

/// Counts one more try on the slot, known or not: the same work for both. Returns the tries so far,
/// this one included.
[[nodiscard]] Result<int> charge_slot(store::Database& db, std::string_view slot, WallTime now);
/// Once `max_slot_tries` are spent: revokes the live code there, with an audit row `burned`.
[[nodiscard]] Result<void> burn_if_spent(store::Database& db, std::string_view slot,
                                         std::string_view source, WallTime now);
[[nodiscard]] Result<int> tries_on(store::Database& db, std::string_view slot);
[[nodiscard]] Result<void> forget_tries(store::Database& db, std::string_view slot);
/// An open proof (Grants::charge_proof) is open no more.
[[nodiscard]] Result<void> forget_proof(store::Database& db, std::string_view run);

}  // namespace adaos::enrol

#pragma once
/// Dead grants go some day; what they let in, and the trail, stay.

#include "base/clock.hpp"
#include "store/database.hpp"

#include <chrono>

namespace adaos::enrol {

/// How long after its end a grant can still be listed.
inline constexpr std::chrono::hours grant_retention{90 * 24};
/// Most grants that one call takes away: each mint makes one, so this keeps up with any rate.
inline constexpr int prune_step = 20;

/// Takes away grants that ended before `now - grant_retention` and that nobody has used; one that
/// was used is the history of its redemptions. A grant that just ran out gets its audit row
/// `expired` here. Call inside a transaction.
[[nodiscard]] Result<void> prune_grants(store::Database& db, WallTime now);

}  // namespace adaos::enrol

#pragma once
/// What grants.cpp and redeem.cpp share. Internal to enrol; reading the trail is Grants::audit and
/// verify_audit.

#include "enrol/grants.hpp"

namespace adaos::enrol {

/// Appends `row` (its `seq` is given here) to the chain. Call inside a transaction: the new row's
/// hash covers the last one's.
[[nodiscard]] Result<void> append_audit(store::Database& db, AuditRow const& row);

/// How far the clock may have gone back since a secret was made before the secret counts as dead: a
/// longer jump would bring expired ones back to life.
inline constexpr std::chrono::milliseconds max_step_back{60'000};

/// An empty or short key would make every MAC guessable. Errors: internal.
[[nodiscard]] Result<void> check_mac_key(Bytes const& key);

}  // namespace adaos::enrol

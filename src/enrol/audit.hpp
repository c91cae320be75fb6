#pragma once
/// The audit trail: append-only, each row's hash covers the one before. Rules and vector:
/// docs/protocol/join.md, Audit.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "store/database.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace adaos::enrol {

/// Every event there is; their meaning: docs/protocol/join.md, Audit. Names are public: append
/// only.
inline constexpr std::array<std::string_view, 26> audit_events{
    "minted",  "expired",   "fetched",        "redeemed",   "replayed",   "rejected",
    "refused", "sealed",    "revoked",        "superseded", "burned",     "credential_revoked",
    "invited", "peer_set",  "access_created", "ordered",    "answered",   "access_revoked",
    "renewed", "recovered", "removed",        "cordoned",   "uncordoned", "draining",
    "paused",  "resumed"};
/// Errors: invalid_field, which lists them all.
[[nodiscard]] Result<void> check_audit_event(std::string_view word);

/// Actor: who asked, else the source address. Detail of `rejected`: the problem's slug.
struct AuditRow {
    std::int64_t seq = 0;
    WallTime at{};
    std::string event, actor, grant_id, node_id, detail;
    Digest prev_hash{}, hash{};  ///< of a row that was read
};

/// Appends `row` (`seq` and the hashes are given here). Call inside a transaction. Errors: internal
/// for an event that is not listed; the store's.
[[nodiscard]] Result<void> append_audit(store::Database& db, AuditRow const& row);

struct AuditFilter {
    std::string grant_id, node_id, event;  ///< empty: all
    std::int64_t before = 0;               ///< rows with a smaller seq; 0: from the newest
    int limit = 100;                       ///< at most 1000 are given
};
/// Newest first.
[[nodiscard]] Result<std::vector<AuditRow>> read_audit(store::Database& db,
                                                       AuditFilter const& filter);
/// Every row, oldest first, until `take` returns false.
[[nodiscard]] Result<void> walk_audit(store::Database& db,
                                      std::function<bool(AuditRow const&)> const& take);

/// Checks rows as they come, from the first: sequence, chain and hash.
class AuditCheck {
public:
    /// Errors: state_damaged with the number of the row that is not as it was written.
    [[nodiscard]] Result<void> next(AuditRow const& row);
    [[nodiscard]] std::int64_t count() const noexcept { return count_; }
    /// The last row's hash; 32 zero bytes before the first. Noted elsewhere, it shows rows cut off.
    [[nodiscard]] Digest const& head() const noexcept { return head_; }

private:
    std::int64_t count_ = 0;
    Digest head_{};
};
/// The whole trail. Errors: as AuditCheck::next.
[[nodiscard]] Result<AuditCheck> verify_audit(store::Database& db);

/// One line of JSON (adaos.audit/v1) with all that the check needs, and back. Errors: bad_request,
/// invalid_field.
[[nodiscard]] std::string to_json(AuditRow const& row);
[[nodiscard]] Result<AuditRow> parse_audit_row(std::string_view line);

}  // namespace adaos::enrol

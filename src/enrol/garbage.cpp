#include "enrol/garbage.hpp"

#include "enrol/audit.hpp"

#include <string>
#include <vector>

namespace adaos::enrol {
namespace {

struct Dead {
    std::string id;
    bool ran_out = false;  ///< neither revoked nor superseded
};

Result<std::vector<Dead>> find_dead(store::Database& db, WallTime now) {
    auto rows = db.prepare(
        "SELECT id, revoked_at IS NULL AND superseded_by IS NULL FROM grants "
        "WHERE uses = 0 AND expires_at < ?1 "
        "AND NOT EXISTS (SELECT 1 FROM redemptions WHERE grant_id = grants.id) "
        "AND NOT EXISTS (SELECT 1 FROM peers WHERE grant_id = grants.id) "
        "ORDER BY expires_at LIMIT ?2");
    rows.bind(1, to_millis(now - grant_retention)).bind(2, prune_step);
    std::vector<Dead> out;
    for (;;) {
        auto const step = rows.step();
        if (step.has_error()) return step.error();
        if (!*step) return out;
        out.push_back({rows.text(0), rows.integer(1) != 0});
    }
}

}  // namespace

Result<void> prune_grants(store::Database& db, WallTime now) {
    auto const dead = find_dead(db, now);
    if (dead.has_error()) return dead.error();
    for (auto const& one : *dead) {
        if (one.ran_out) {
            AuditRow row;
            row.at = now;
            row.event = "expired";
            row.actor = "authority";
            row.grant_id = one.id;
            if (auto noted = append_audit(db, row); noted.has_error()) return noted;
        }
        auto gone = db.prepare("DELETE FROM grants WHERE id = ?1");
        gone.bind(1, one.id);
        if (auto done = gone.run(); done.has_error()) return done;
    }
    return {};
}

}  // namespace adaos::enrol

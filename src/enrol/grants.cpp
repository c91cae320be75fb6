#include "enrol/grants.hpp"

#include "base/problem.hpp"
#include "enrol/audit.hpp"

#include <algorithm>

namespace adaos::enrol {
namespace {

constexpr std::string_view select_grants =
    "SELECT g.id, g.kind, g.form, g.prefix8, g.slot, g.subnet_id, g.bind_name, g.bind_node_id, "
    "g.note, g.created_by, g.max_uses, g.uses, g.fetches, g.fetch_budget, g.created_at, "
    "g.expires_at, g.ttl_clamped, g.revoked_at, g.revoked_by, g.superseded_by, r.at, r.node_id, "
    "g.alloc_json "
    "FROM grants g LEFT JOIN redemptions r ON r.rowid = (SELECT max(l.rowid) FROM redemptions l "
    "WHERE l.grant_id = g.id) ";

/// As SQL, so that a page needs no walk over the dead ones. A used grant stays in sight until its
/// time is over: who asks wants to know that it was used.
constexpr std::string_view is_dead =
    "(g.superseded_by IS NOT NULL OR g.revoked_at IS NOT NULL OR g.expires_at <= ?1) ";

std::string_view derived_state(GrantRow const& g, WallTime now) {
    if (!g.superseded_by.empty()) return "superseded";
    if (g.revoked_at) return "revoked";
    if (g.max_uses && g.uses >= *g.max_uses) return "exhausted";
    return now >= g.expires_at ? "expired" : "live";
}

GrantRow read_grant(store::Statement const& row, WallTime now) {
    GrantRow g;
    std::string* const texts[]{&g.id,        &g.kind,      &g.form,    &g.prefix8, &g.slot,
                               &g.subnet_id, &g.node_name, &g.node_id, &g.note,    &g.created_by};
    for (int column = 0; auto* const text : texts) *text = row.text(column++);
    if (!row.is_null(10)) g.max_uses = row.integer(10);
    g.uses = row.integer(11);
    g.fetches = static_cast<int>(row.integer(12));
    g.fetch_budget = static_cast<int>(row.integer(13));
    g.created_at = from_millis(row.integer(14));
    g.expires_at = from_millis(row.integer(15));
    g.is_clamped = row.integer(16) != 0;
    if (!row.is_null(17)) g.revoked_at = from_millis(row.integer(17));
    g.revoked_by = row.text(18);
    g.superseded_by = row.text(19);
    if (!row.is_null(20)) g.used_at = from_millis(row.integer(20));
    g.used_by = row.text(21);
    g.alloc_json = row.text(22);
    g.state = derived_state(g, now);
    return g;
}

/// The row number of a grant: rows are made in the order of time.
Result<std::optional<std::int64_t>> row_number(store::Database& db, std::string_view id) {
    auto row = db.prepare("SELECT rowid FROM grants WHERE id = ?1");
    row.bind(1, id);
    auto const there = row.step();
    if (there.has_error()) return there.error();
    if (!*there) return std::optional<std::int64_t>();
    return std::optional(row.integer(0));
}

}  // namespace

Grants::Grants(store::Database& db, Bytes const& mac_key, Clock const& clock, Random& random,
               pki::ScryptCost cost)
    : db_(db), mac_key_(mac_key), clock_(clock), random_(random), cost_(cost) {}

Result<void> Grants::seal(std::string_view node_id) {
    {
        auto open = db_.prepare(
            "SELECT 1 FROM redemptions WHERE node_id = ?1 AND sealed_at IS NULL LIMIT 1");
        open.bind(1, node_id);
        auto const there = open.step();
        if (there.has_error()) return there.error();
        if (!*there) return Result<void>();  // the usual hello: no write lock for it
    }
    return db_.transaction<void>([&]() -> Result<void> {
        AuditRow event;
        event.at = clock_.wall();
        event.event = "sealed";
        event.actor = node_id;
        event.node_id = node_id;
        auto put = db_.prepare(
            "UPDATE redemptions SET sealed_at = ?2 WHERE node_id = ?1 AND sealed_at IS NULL");
        put.bind(1, node_id).bind(2, to_millis(event.at));
        if (auto done = put.run(); done.has_error()) return done.error();
        if (db_.changes() == 0) return Result<void>();
        return append_audit(db_, event);
    });
}

Result<std::vector<GrantRow>> Grants::list(GrantFilter const& filter) {
    std::int64_t before = INT64_MAX;
    if (!filter.after_id.empty()) {
        auto const row = row_number(db_, filter.after_id);
        if (row.has_error()) return row.error();
        if (!*row) return Error(Problem::invalid_field, "cursor");
        before = **row;
    }
    std::string where = "WHERE g.rowid < ?2 AND ?1 > 0 ";
    if (filter.kind) where += "AND g.kind = ?3 ";
    if (!filter.subnet_id.empty()) where += "AND g.subnet_id = ?4 ";
    if (!filter.with_dead) where += "AND NOT " + std::string(is_dead);
    auto const now = clock_.wall();
    auto rows = db_.prepare(std::string(select_grants) + where +
                            "AND ?3 IS NOT NULL AND ?4 IS NOT NULL ORDER BY g.rowid DESC");
    rows.bind(1, to_millis(now)).bind(2, before);
    rows.bind(3, filter.kind ? kind_word(*filter.kind) : std::string_view());
    rows.bind(4, filter.subnet_id);
    std::vector<GrantRow> found;
    auto const most = static_cast<std::size_t>(std::clamp(filter.limit, 0, max_listed));
    while (found.size() < most) {
        auto const there = rows.step();
        if (there.has_error()) return there.error();
        if (!*there) break;
        auto grant = read_grant(rows, now);
        if (filter.state.empty() || filter.state == grant.state) found.push_back(std::move(grant));
    }
    return found;
}

Result<std::optional<GrantRow>> Grants::find(std::string_view id) {
    auto row = db_.prepare(std::string(select_grants) + "WHERE g.id = ?1");
    row.bind(1, id);
    auto const there = row.step();
    if (there.has_error()) return there.error();
    if (!*there) return std::optional<GrantRow>();
    return std::optional(read_grant(row, clock_.wall()));
}

Result<std::vector<Redemption>> Grants::redemptions(std::string_view id, std::string_view after_id,
                                                    int limit) {
    auto const known = row_number(db_, id);
    if (known.has_error()) return known.error();
    if (!*known) return Error(Problem::not_found, "grant");
    std::int64_t before = INT64_MAX;
    if (!after_id.empty()) {
        auto row = db_.prepare("SELECT rowid FROM redemptions WHERE id = ?1 AND grant_id = ?2");
        row.bind(1, after_id).bind(2, id);
        auto const there = row.step();
        if (there.has_error()) return there.error();
        if (!*there) return Error(Problem::invalid_field, "cursor");
        before = row.integer(0);
    }
    auto rows = db_.prepare(
        "SELECT id, grant_id, node_id, source, at FROM redemptions WHERE grant_id = ?1 AND rowid < "
        "?2 ORDER BY rowid DESC LIMIT ?3");
    rows.bind(1, id).bind(2, before).bind(3, std::int64_t{std::clamp(limit, 0, max_listed)});
    std::vector<Redemption> found;
    for (;;) {
        auto const there = rows.step();
        if (there.has_error()) return there.error();
        if (!*there) return found;
        found.push_back(
            {rows.text(0), rows.text(1), rows.text(2), rows.text(3), from_millis(rows.integer(4))});
    }
}

Result<void> Grants::revoke(std::string_view id, std::string_view actor) {
    return db_.transaction<void>([&]() -> Result<void> {
        auto const grant = find(id);
        if (grant.has_error()) return grant.error();
        if (!*grant) return Error(Problem::not_found, "revoke grant");
        auto const& state = (*grant)->state;
        if (state == "revoked" || state == "superseded") return Result<void>();
        if (state != "live") return Error(Problem::grant_ended, "it is " + state);
        AuditRow event;
        event.at = clock_.wall();
        event.event = "revoked";
        event.actor = actor;
        event.grant_id = id;
        auto put = db_.prepare("UPDATE grants SET revoked_at = ?2, revoked_by = ?3 WHERE id = ?1");
        put.bind(1, id).bind(2, to_millis(event.at)).bind(3, actor);
        if (auto done = put.run(); done.has_error()) return done.error();
        return append_audit(db_, event);
    });
}

}  // namespace adaos::enrol

#include "enrol/audit.hpp"

#include "base/problem.hpp"

#include <algorithm>

namespace adaos::enrol {
namespace {

/// Longest text kept of what a peer may choose (source, detail), in bytes.
constexpr std::size_t max_audit_text_bytes = 128;

void add_field(Bytes& to, std::string_view text) {
    auto const length = static_cast<std::uint32_t>(text.size());
    for (int shift = 24; shift >= 0; shift -= 8) to.push_back(std::byte((length >> shift) & 0xff));
    auto const bytes = as_bytes(text);
    to.insert(to.end(), bytes.begin(), bytes.end());
}

/// docs/protocol/join.md, Audit: SHA-256 of the previous hash and the fields, each with its length.
Digest row_hash(std::span<std::byte const> previous, AuditRow const& row) {
    Bytes text(previous.begin(), previous.end());
    add_field(text, std::to_string(row.seq));
    add_field(text, std::to_string(to_millis(row.at)));
    for (auto const* field : {&row.event, &row.actor, &row.grant_id, &row.node_id, &row.detail})
        add_field(text, *field);
    return sha256(text);
}

Digest to_digest(Bytes const& bytes) {
    Digest out{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
    return out;
}

AuditRow read_row(store::Statement const& row) {
    AuditRow r;
    r.seq = row.integer(0);
    r.at = from_millis(row.integer(1));
    r.event = row.text(2);
    r.actor = row.text(3);
    r.grant_id = row.text(4);
    r.node_id = row.text(5);
    r.detail = row.text(6);
    r.prev_hash = to_digest(row.blob(7));
    r.hash = to_digest(row.blob(8));
    return r;
}

constexpr std::string_view select_rows =
    "SELECT seq, at, event, actor, grant_id, node_id, detail, prev_hash, hash FROM audit ";
constexpr int max_read = 1000;

}  // namespace

Result<void> check_audit_event(std::string_view word) {
    auto const& all = audit_events;
    if (std::find(all.begin(), all.end(), word) != all.end()) return {};
    std::string listed;
    for (auto const event : all) listed += (listed.empty() ? "" : ", ") + std::string(event);
    return Error(Problem::invalid_field, "event: one of " + listed);
}

Result<void> append_audit(store::Database& db, AuditRow const& given) {
    if (auto const known = check_audit_event(given.event); !known)
        return Error(Problem::internal, "audit event " + given.event);
    auto row = given;
    row.seq = 1;
    if (row.actor.size() > max_audit_text_bytes) row.actor.resize(max_audit_text_bytes);
    if (row.detail.size() > max_audit_text_bytes) row.detail.resize(max_audit_text_bytes);
    Bytes previous(Digest{}.size());
    {
        auto last = db.prepare("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");
        auto const there = last.step();
        if (there.has_error()) return there.error();
        if (*there) {
            row.seq = last.integer(0) + 1;
            previous = last.blob(1);
        }
    }
    auto put = db.prepare(
        "INSERT INTO audit (seq, at, event, actor, grant_id, node_id, detail, prev_hash, hash) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    put.bind(1, row.seq).bind(2, to_millis(row.at)).bind(3, row.event).bind(4, row.actor);
    put.bind(5, row.grant_id).bind(6, row.node_id).bind(7, row.detail);
    put.bind(8, std::span<std::byte const>(previous));
    put.bind(9, std::span<std::byte const>(row_hash(previous, row)));
    return put.run();
}

Result<std::vector<AuditRow>> read_audit(store::Database& db, AuditFilter const& filter) {
    std::string where = "WHERE seq < ?1 ";
    if (!filter.grant_id.empty()) where += "AND grant_id = ?2 ";
    if (!filter.node_id.empty()) where += "AND node_id = ?3 ";
    if (!filter.event.empty()) where += "AND event = ?4 ";
    auto rows = db.prepare(std::string(select_rows) + where +
                           "AND ?2 IS NOT NULL AND ?3 IS NOT NULL AND ?4 IS NOT NULL "
                           "ORDER BY seq DESC LIMIT ?5");
    rows.bind(1, filter.before > 0 ? filter.before : INT64_MAX);
    rows.bind(2, filter.grant_id).bind(3, filter.node_id).bind(4, filter.event);
    rows.bind(5, std::int64_t{std::clamp(filter.limit, 0, max_read)});
    std::vector<AuditRow> found;
    for (;;) {
        auto const there = rows.step();
        if (there.has_error()) return there.error();
        if (!*there) return found;
        found.push_back(read_row(rows));
    }
}

Result<void> walk_audit(store::Database& db, std::function<bool(AuditRow const&)> const& take) {
    auto rows = db.prepare(std::string(select_rows) + "ORDER BY seq");
    for (;;) {
        auto const there = rows.step();
        if (there.has_error()) return there.error();
        if (!*there || !take(read_row(rows))) return Result<void>();
    }
}

Result<void> AuditCheck::next(AuditRow const& row) {
    bool const sound =
        row.seq == count_ + 1 && row.prev_hash == head_ && row.hash == row_hash(head_, row);
    if (!sound) return Error(Problem::state_damaged, "audit row " + std::to_string(count_ + 1));
    ++count_;
    head_ = row.hash;
    return Result<void>();
}

Result<AuditCheck> verify_audit(store::Database& db) {
    AuditCheck check;
    Result<void> verdict;
    auto const walked = walk_audit(db, [&](AuditRow const& row) {
        verdict = check.next(row);
        return verdict.has_value();
    });
    if (walked.has_error()) return walked.error();
    if (verdict.has_error()) return verdict.error();
    return check;
}

}  // namespace adaos::enrol

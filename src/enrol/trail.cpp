#include "enrol/trail.hpp"

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

AuditRow read_row(store::Statement const& row) {
    AuditRow r;
    r.seq = row.integer(0);
    r.at = from_millis(row.integer(1));
    r.event = row.text(2);
    r.actor = row.text(3);
    r.grant_id = row.text(4);
    r.node_id = row.text(5);
    r.detail = row.text(6);
    return r;
}

constexpr std::string_view select_rows =
    "SELECT seq, at, event, actor, grant_id, node_id, detail, prev_hash, hash FROM audit ";

}  // namespace

Result<void> append_audit(store::Database& db, AuditRow const& given) {
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

Result<std::vector<AuditRow>> Grants::audit(int limit) {
    auto rows = db_.prepare(std::string(select_rows) + "ORDER BY seq DESC LIMIT ?1");
    rows.bind(1, std::int64_t{std::clamp(limit, 0, max_listed)});
    std::vector<AuditRow> found;
    for (;;) {
        auto const there = rows.step();
        if (there.has_error()) return there.error();
        if (!*there) return found;
        found.push_back(read_row(rows));
    }
}

Result<void> verify_audit(store::Database& db) {
    auto rows = db.prepare(std::string(select_rows) + "ORDER BY seq");
    Bytes previous(Digest{}.size());
    for (std::int64_t seq = 1;; ++seq) {
        auto const there = rows.step();
        if (there.has_error()) return there.error();
        if (!*there) return Result<void>();
        auto const row = read_row(rows);
        auto const hash = rows.blob(8);
        if (row.seq != seq || rows.blob(7) != previous ||
            !std::ranges::equal(hash, row_hash(previous, row)))
            return Error(Problem::state_damaged, "audit row " + std::to_string(seq));
        previous = hash;
    }
}

}  // namespace adaos::enrol

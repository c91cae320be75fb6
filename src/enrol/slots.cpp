#include "enrol/slots.hpp"

#include "enrol/audit.hpp"
#include "enrol/kinds.hpp"

namespace adaos::enrol {
namespace {

constexpr std::string_view open_code = "form = 'code' AND uses = 0 AND revoked_at IS NULL ";
/// Tries are forgotten when no code of that time can be alive.
constexpr std::chrono::hours tries_kept{1};

Result<std::int64_t> first_number(store::Statement row) {
    auto const there = row.step();
    if (there.has_error()) return there.error();
    return *there ? row.integer(0) : 0;
}

Result<void> burn(store::Database& db, std::string_view slot, std::string_view source,
                  WallTime now) {
    AuditRow event;
    {
        auto row = db.prepare("SELECT id FROM grants WHERE " + std::string(open_code) +
                              "AND expires_at > ?1 AND slot = ?2");
        row.bind(1, to_millis(now)).bind(2, slot);
        auto const there = row.step();
        if (there.has_error()) return there.error();
        if (!*there) return Result<void>();
        event.grant_id = row.text(0);
    }
    auto put =
        db.prepare("UPDATE grants SET revoked_at = ?2, revoked_by = 'guessing' WHERE id = ?1");
    put.bind(1, event.grant_id).bind(2, to_millis(now));
    if (auto done = put.run(); done.has_error()) return done;
    event.at = now;
    event.event = "burned";
    event.actor = source;
    event.detail = std::to_string(max_slot_tries) + " wrong tries";
    return append_audit(db, event);
}

}  // namespace

Result<int> roomy_code_length(store::Database& db, int length, WallTime now) {
    for (; length < 12; length += 2) {
        auto const slot_symbols = length / 2 - 2;
        auto row = db.prepare("SELECT count(*) FROM grants WHERE " + std::string(open_code) +
                              "AND expires_at > ?1 AND length(slot) = ?2");
        row.bind(1, to_millis(now)).bind(2, std::int64_t{slot_symbols});
        auto const live = first_number(std::move(row));
        if (live.has_error()) return live.error();
        if (*live < (std::int64_t{1} << (5 * slot_symbols)) / 4) break;
    }
    return length;
}

Result<bool> is_slot_live(store::Database& db, std::string_view slot, WallTime now) {
    if (slot.empty()) return false;
    auto row = db.prepare("SELECT count(*) FROM grants WHERE " + std::string(open_code) +
                          "AND expires_at > ?1 AND slot = ?2");
    row.bind(1, to_millis(now)).bind(2, slot);
    auto const live = first_number(std::move(row));
    if (live.has_error()) return live.error();
    return *live > 0;
}

Result<int> charge_slot(store::Database& db, std::string_view slot, WallTime now) {
    auto old = db.prepare("DELETE FROM slot_tries WHERE at < ?1");
    old.bind(1, to_millis(now - tries_kept));
    if (auto done = old.run(); done.has_error()) return done.error();
    auto put = db.prepare(
        "INSERT INTO slot_tries (slot, tries, at) VALUES (?1, 1, ?2) "
        "ON CONFLICT (slot) DO UPDATE SET tries = tries + 1, at = ?2");
    put.bind(1, slot).bind(2, to_millis(now));
    if (auto done = put.run(); done.has_error()) return done.error();
    return tries_on(db, slot);
}

Result<void> burn_if_spent(store::Database& db, std::string_view slot, std::string_view source,
                           WallTime now) {
    auto const tries = tries_on(db, slot);
    if (tries.has_error()) return tries.error();
    return *tries < max_slot_tries ? Result<void>() : burn(db, slot, source, now);
}

Result<int> tries_on(store::Database& db, std::string_view slot) {
    auto row = db.prepare("SELECT tries FROM slot_tries WHERE slot = ?1");
    row.bind(1, slot);
    auto const tries = first_number(std::move(row));
    if (tries.has_error()) return tries.error();
    return static_cast<int>(*tries);
}

Result<void> forget_tries(store::Database& db, std::string_view slot) {
    auto put = db.prepare("DELETE FROM slot_tries WHERE slot = ?1");
    put.bind(1, slot);
    return put.run();
}

Result<void> forget_proof(store::Database& db, std::string_view run) {
    auto put = db.prepare("DELETE FROM open_proofs WHERE run = ?1");
    put.bind(1, run);
    return put.run();
}

}  // namespace adaos::enrol

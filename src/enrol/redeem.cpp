#include "base/names.hpp"
#include "base/problem.hpp"
#include "enrol/grants.hpp"
#include "enrol/redemption.hpp"
#include "enrol/trail.hpp"

namespace adaos::enrol {
namespace {

/// The store itself failed: another write would fail too, and the guess was never judged.
bool is_store_failure(Error const& e) {
    return e.code == Problem::state_unreadable || e.code == Problem::state_damaged ||
           e.code == Problem::disk_full || store::is_constraint(e);
}

/// One `rejected` row for `why`, in a transaction of its own; returns the error to answer with.
/// The row names the problem, never the context: that may quote what was sent.
Error audited(store::Database& db, AuditRow row, Error const& why) {
    if (is_store_failure(why)) return why;
    row.event = "rejected";
    row.detail = describe(why.code).slug;
    auto const done = db.transaction<void>([&] { return append_audit(db, row); });
    // A refusal that cannot be put on record is not given out as one: no guessing on a full disk.
    if (done.has_error()) return done.error();
    return why;
}

}  // namespace

Result<Redeemed> Grants::redeem(RedeemOrder order, Sign const& sign) {
    Redemption redemption(db_, clock_, random_, order, sign);
    auto done = redemption.run(mac_key_);
    if (done.has_value()) return done;
    AuditRow row;
    row.at = clock_.wall();
    row.actor = order.source;
    row.grant_id = redemption.grant_id();
    if (is_node_id(order.node_id)) row.node_id = order.node_id;
    return audited(db_, row, done.error());
}

Result<void> Grants::redeem_bootstrap(Secret const& token, std::string_view spki_hex,
                                      std::string_view source, Use const& use) {
    AuditRow event;
    event.actor = source;
    auto const mac = sha256(as_bytes(token.reveal()));
    auto const spki = to_lower(spki_hex);
    auto done = db_.transaction<void>([&]() -> Result<void> {
        auto const wrong = Error(Problem::bootstrap_token_wrong);
        event.at = clock_.wall();
        auto const now = to_millis(event.at);
        std::string claims;
        {
            auto row = db_.prepare(
                "SELECT id, claims_json, bind, uses, revoked_at, created_at, expires_at FROM "
                "grants "
                "WHERE secret_mac = ?1 AND kind = 'bootstrap'");
            row.bind(1, std::span<std::byte const>(mac));
            auto const there = row.step();
            if (there.has_error()) return there.error();
            if (!*there) return wrong;
            event.grant_id = row.text(0);
            claims = row.text(1);
            if (row.integer(3) > 0 || !row.is_null(4)) return wrong;
            if (now >= row.integer(6) || now < row.integer(5) - max_step_back.count()) return wrong;
            if (auto const bind = row.text(2); !bind.empty() && bind != spki) return wrong;
        }
        if (auto ok = use(claims); ok.has_error()) return ok;
        auto spend = db_.prepare("UPDATE grants SET uses = 1 WHERE id = ?1");
        spend.bind(1, event.grant_id);
        if (auto ok = spend.run(); ok.has_error()) return ok.error();
        auto put = db_.prepare(
            "INSERT INTO redemptions (id, grant_id, node_id, attempt_hash, spki_sha256, "
            "certificate_pem, source, at, sealed_at) VALUES (?1, ?2, NULL, NULL, ?3, '', ?4, ?5, "
            "?5)");
        put.bind(1, random_.uuid()).bind(2, event.grant_id).bind(3, spki).bind(4, source);
        put.bind(5, now);
        if (auto ok = put.run(); ok.has_error()) return ok.error();
        event.event = "redeemed";
        event.detail = "bootstrap";
        return append_audit(db_, event);
    });
    if (done.has_value()) return done;
    return audited(db_, event, done.error());
}

}  // namespace adaos::enrol

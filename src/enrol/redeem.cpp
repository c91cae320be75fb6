#include "base/names.hpp"
#include "base/problem.hpp"
#include "enrol/audit.hpp"
#include "enrol/grants.hpp"
#include "enrol/mac_key.hpp"
#include "enrol/redeem_run.hpp"
#include "enrol/refusals.hpp"
#include "enrol/slots.hpp"
#include "enrol/throttle.hpp"

namespace adaos::enrol {
namespace {

/// The store itself failed: another write would fail too, and the guess was never judged.
bool is_store_failure(Error const& e) {
    return e.code == Problem::state_unreadable || e.code == Problem::state_damaged ||
           e.code == Problem::disk_full || store::is_constraint(e);
}

/// A secret that was wrong: what guessing looks like.
bool is_wrong_guess(Error const& e) {
    return e.code == Problem::code_unknown || e.code == Problem::token_unknown ||
           e.code == Problem::bootstrap_token_wrong || e.code == Problem::proof_failed;
}

/// It can let nobody in any more.
bool is_dead_secret(Error const& e) {
    return e.code == Problem::code_used || e.code == Problem::code_expired ||
           e.code == Problem::grant_spent || e.code == Problem::grant_expired ||
           e.code == Problem::grant_revoked;
}

/// Latest rows of a grant in which a repetition is looked for.
constexpr std::int64_t looked_back = 64;

/// The trail has this row already, from less than a window ago.
Result<bool> is_repeated(store::Database& db, AuditRow const& row) {
    auto same = db.prepare(
        "SELECT count(*) FROM (SELECT event, actor, detail, at FROM audit WHERE grant_id = ?1 AND "
        "grant_id <> '' ORDER BY seq DESC LIMIT ?2) WHERE event = ?3 AND actor = ?4 AND detail = "
        "?5 AND at > ?6");
    same.bind(1, row.grant_id).bind(2, looked_back).bind(3, row.event).bind(4, row.actor);
    same.bind(5, row.detail).bind(6, to_millis(row.at - refusal_window));
    if (auto there = same.step(); there.has_error()) return there.error();
    return same.integer(0) > 0;
}

/// One `rejected` row for `why`, in a transaction of its own, and the price of a wrong guess;
/// returns the error to answer with. The row names the problem, never the context: that may quote
/// what was sent. Whoever sends a dead secret again and again makes one row a window, and is only
/// told to `repeated`.
Error audited(store::Database& db, Clock const& clock, AuditRow row, Error const& why,
              std::string const& slot,
              std::function<void(Error const&)> const& repeated = nullptr) {
    if (is_store_failure(why)) return why;
    row.event = "rejected";
    row.at = clock.wall();
    row.detail = describe(why.code).slug;
    if (!row.grant_id.empty() && is_dead_secret(why)) {
        auto const again = is_repeated(db, row);
        if (again.has_error()) return again.error();
        if (*again) {
            if (repeated) repeated(why);
            return why;
        }
    }
    auto const done = db.transaction<void>([&]() -> Result<void> {
        if (is_wrong_guess(why)) {
            if (auto ok = Throttle(db, clock).charge(row.actor); ok.has_error()) return ok;
            if (!slot.empty()) {
                auto const tries = charge_slot(db, slot, row.at);
                if (tries.has_error()) return tries.error();
                auto const burned = burn_if_spent(db, slot, row.actor, row.at);
                if (burned.has_error()) return burned;
            }
        }
        return append_audit(db, row);
    });
    // A refusal that cannot be put on record is not given out as one: no guessing on a full disk.
    if (done.has_error()) return done.error();
    return why;
}

struct TokenRow {
    std::string claims, bind_key, bind_node_id;
    std::int64_t created_at = 0, expires_at = 0, uses = 0, fetches = 0, fetch_budget = 0;
    bool is_revoked = false;

    [[nodiscard]] bool is_in_time(WallTime now) const {
        return to_millis(now) < expires_at && to_millis(now) >= created_at - max_step_back.count();
    }
};

/// Sets `grant_id` when the token names a grant of that kind; absent: it names none.
Result<std::optional<TokenRow>> find_token(store::Database& db, Kind kind, Secret const& token,
                                           std::string& grant_id) {
    auto row = db.prepare(
        "SELECT id, claims_json, bind_key, bind_node_id, created_at, expires_at, uses, fetches, "
        "fetch_budget, revoked_at IS NOT NULL OR superseded_by IS NOT NULL FROM grants "
        "WHERE secret_mac = ?1 AND kind = ?2");
    row.bind(1, std::span<std::byte const>(sha256(as_bytes(token.reveal()))));
    row.bind(2, kind_word(kind));
    auto const there = row.step();
    if (there.has_error()) return there.error();
    if (!*there) return std::optional<TokenRow>();
    grant_id = row.text(0);
    return std::optional(TokenRow{row.text(1), row.text(2), row.text(3), row.integer(4),
                                  row.integer(5), row.integer(6), row.integer(7), row.integer(8),
                                  row.integer(9) != 0});
}

}  // namespace

Result<void> Grants::may_try(std::string_view source) {
    auto const wait = Throttle(db_, clock_).wait(source);
    if (wait.has_error()) return wait.error();
    if (!*wait) return Result<void>();
    Error error(Problem::code_throttled, "from this address");
    error.retry_after_seconds = static_cast<int>((*wait)->count());
    return error;
}

Result<Redeemed> Grants::redeem(RedeemOrder order, Sign const& sign) {
    bool const is_guess = order.proved_grant_id.empty();
    if (auto ok = is_guess ? may_try(order.source) : Result<void>(); ok.has_error()) {
        if (order.unjudged) order.unjudged(ok.error());
        return ok.error();
    }
    RedeemRun run(db_, clock_, random_, order, sign);
    auto done = run.run(mac_key_);
    if (done.has_value()) return done;
    bool const is_judged = !run.grant_id().empty() || is_wrong_guess(done.error());
    if (!is_judged && order.unjudged) {
        order.unjudged(done.error());
        return done;
    }
    AuditRow row;
    row.actor = order.source;
    row.grant_id = run.grant_id();
    if (is_node_id(order.node_id)) row.node_id = order.node_id;
    if (auto const slot = run.proved_slot(); !slot.empty()) {
        // Whatever else was wrong, the code was right: no guess.
        auto const forgiven = db_.transaction<void>([&] { return forget_tries(db_, slot); });
        if (forgiven.has_error()) return forgiven.error();
    }
    return audited(db_, clock_, row, done.error(), run.guessed_slot(), order.unjudged);
}

Result<void> Grants::redeem_hub(Secret const& token, std::string_view spki_hex,
                                std::string_view source, Use const& use) {
    if (auto ok = may_try(source); ok.has_error()) return ok;
    AuditRow event;
    event.actor = source;
    auto const spki = to_lower(spki_hex);
    auto done = db_.transaction<void>([&]() -> Result<void> {
        auto const wrong = Error(Problem::bootstrap_token_wrong);
        event.at = clock_.wall();
        auto const known = find_token(db_, Kind::hub, token, event.grant_id);
        if (known.has_error()) return known.error();
        if (!*known) return wrong;
        auto const& grant = **known;
        if (grant.uses > 0 || grant.is_revoked || !grant.is_in_time(event.at)) return wrong;
        if (!grant.bind_key.empty() && grant.bind_key != spki) return wrong;
        auto const hub = use(grant.claims);
        if (hub.has_error()) return hub.error();
        auto spend = db_.prepare("UPDATE grants SET uses = 1 WHERE id = ?1");
        spend.bind(1, event.grant_id);
        if (auto ok = spend.run(); ok.has_error()) return ok.error();
        auto put = db_.prepare(
            "INSERT INTO redemptions (id, grant_id, node_id, attempt_hash, spki_sha256, "
            "certificate_pem, source, at, sealed_at) VALUES (?1, ?2, NULL, NULL, ?3, '', ?4, ?5, "
            "?5)");
        put.bind(1, random_.uuid()).bind(2, event.grant_id).bind(3, spki).bind(4, source);
        put.bind(5, to_millis(event.at));
        if (auto ok = put.run(); ok.has_error()) return ok.error();
        event.event = "redeemed";
        event.node_id = *hub;
        event.detail = kind_word(Kind::hub);
        return append_audit(db_, event);
    });
    if (done.has_value()) return done;
    return audited(db_, clock_, event, done.error(), "");
}

Result<GrantRow> Grants::fetch(Secret const& token, std::string_view what,
                               std::string_view source) {
    if (auto ok = may_try(source); ok.has_error()) return ok.error();
    AuditRow event;
    event.actor = source;
    auto done = db_.transaction<void>([&]() -> Result<void> {
        event.at = clock_.wall();
        auto const known = find_token(db_, Kind::bootstrap, token, event.grant_id);
        if (known.has_error()) return known.error();
        if (!*known) return Error(Problem::token_unknown);
        auto const& grant = **known;
        event.node_id = grant.bind_node_id;
        if (grant.is_revoked) return Error(Problem::grant_revoked);
        if (grant.uses > 0)
            return Error(Problem::grant_spent, "a bootstrap token: its node is enrolled");
        if (!grant.is_in_time(event.at)) return Error(Problem::grant_expired);
        if (grant.fetches >= grant.fetch_budget)
            return Error(Problem::grant_spent, "a bootstrap token: its " +
                                                   std::to_string(grant.fetch_budget) +
                                                   " reads are used, and its node is not enrolled");
        auto count = db_.prepare("UPDATE grants SET fetches = fetches + 1 WHERE id = ?1");
        count.bind(1, event.grant_id);
        if (auto ok = count.run(); ok.has_error()) return ok.error();
        event.event = "fetched";
        event.detail = what;
        return append_audit(db_, event);
    });
    if (done.has_error()) return audited(db_, clock_, event, done.error(), "");
    auto row = find(event.grant_id);
    if (row.has_error()) return row.error();
    if (!*row) return Error(Problem::internal, "the grant is gone");
    return std::move(**row);
}

}  // namespace adaos::enrol

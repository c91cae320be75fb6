/// Grants, seen from the PAKE door: what is proved, what a try costs.

#include "base/problem.hpp"
#include "enrol/audit.hpp"
#include "enrol/grants.hpp"
#include "enrol/slots.hpp"
#include "enrol/throttle.hpp"

namespace adaos::enrol {

Result<Grants::Provable> Grants::provable(std::string_view slot, std::string_view subnet_id) {
    Provable out;
    std::optional<PakeVerifier> found;
    {
        // Each by an index that is in order: a slot may have had thousands of codes.
        auto live = db_.prepare(
            "SELECT id, verifier FROM grants INDEXED BY grants_open_codes WHERE form = 'code' AND "
            "uses = 0 AND revoked_at IS NULL AND expires_at > ?3 AND slot = ?1 AND verifier IS NOT "
            "NULL AND (?2 = '' OR subnet_id = ?2) LIMIT 1");
        auto dead = db_.prepare(
            "SELECT id, verifier FROM grants WHERE form = 'code' AND slot = ?1 AND verifier IS NOT "
            "NULL AND (?2 = '' OR subnet_id = ?2) ORDER BY created_at DESC LIMIT 1");
        live.bind(1, slot).bind(2, subnet_id).bind(3, to_millis(clock_.wall()));
        dead.bind(1, slot).bind(2, subnet_id);
        auto there = live.step();
        auto& row = there && *there ? live : dead;
        if (there && !*there) there = dead.step();
        if (there.has_error()) return there.error();
        if (*there) {
            auto verifier = PakeVerifier::from_blob(row.blob(1));
            if (verifier.has_error()) return verifier.error();
            found = std::move(*verifier);
            out.grant_id = row.text(0);
        }
    }
    out.verifier = PakeVerifier::of_slot(mac_key_, slot, std::move(found));
    return out;
}

Result<void> Grants::charge_proof(Proof const& proof) {
    if (auto ok = may_try(proof.source); ok.has_error()) return ok;
    return db_.transaction<void>([&]() -> Result<void> {
        auto const before = tries_on(db_, proof.slot);
        if (before.has_error()) return before.error();
        if (*before >= max_slot_tries) return Error(Problem::code_burned);
        auto const tries = charge_slot(db_, proof.slot, clock_.wall());
        if (tries.has_error()) return tries.error();
        auto put = db_.prepare(
            "INSERT INTO open_proofs (run, slot, grant_id, source) VALUES (?1, ?2, ?3, ?4)");
        put.bind(1, proof.run).bind(2, proof.slot).bind(3, proof.grant_id).bind(4, proof.source);
        return put.run();
    });
}

Result<void> Grants::proof_failed(std::string_view run) {
    return db_.transaction<void>([&]() -> Result<void> {
        AuditRow event;
        std::string slot;
        {
            auto row = db_.prepare("SELECT slot, grant_id, source FROM open_proofs WHERE run = ?1");
            row.bind(1, run);
            auto const there = row.step();
            if (there.has_error()) return there.error();
            if (!*there) return Result<void>();
            slot = row.text(0);
            event.grant_id = row.text(1);
            event.actor = row.text(2);
        }
        if (auto ok = forget_proof(db_, run); ok.has_error()) return ok;
        event.at = clock_.wall();
        event.event = "rejected";
        event.detail = describe(make_error_code(Problem::proof_failed)).slug;
        if (auto ok = append_audit(db_, event); ok.has_error()) return ok;
        if (auto ok = Throttle(db_, clock_).charge(event.actor); ok.has_error()) return ok;
        return burn_if_spent(db_, slot, event.actor, event.at);
    });
}

Result<void> Grants::close_proof(std::string_view run) {
    return db_.transaction<void>([&] { return forget_proof(db_, run); });
}

Result<void> Grants::fail_open_proofs() {
    std::vector<std::string> runs;
    {
        auto row = db_.prepare("SELECT run FROM open_proofs");
        for (;;) {
            auto const there = row.step();
            if (there.has_error()) return there.error();
            if (!*there) break;
            runs.push_back(row.text(0));
        }
    }
    for (auto const& run : runs)
        if (auto done = proof_failed(run); done.has_error()) return done;
    return Result<void>();
}

}  // namespace adaos::enrol

#include "enrol/redeem_run.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"
#include "enrol/audit.hpp"
#include "enrol/claims.hpp"
#include "enrol/join_code.hpp"
#include "enrol/mac_key.hpp"
#include "enrol/slots.hpp"
#include "pki/request.hpp"

#include <algorithm>

namespace adaos::enrol {
namespace {

constexpr std::size_t max_attempt_bytes = 128;
constexpr std::size_t max_hostname_bytes = 255;

Digest attempt_hash(std::string const& attempt_id) {
    return sha256(as_bytes(attempt_id));
}

bool is_bound(std::string const& bound, std::string const& given) {
    return !bound.empty() && !given.empty() && bound != given;
}

}  // namespace

Error RedeemRun::unknown() const {
    bool const code = policy_of(order_.kind).form == Form::code;
    return Error(code ? Problem::code_unknown : Problem::token_unknown);
}

Error RedeemRun::spent() const {
    return Error(grant_.is_code ? Problem::code_used : Problem::grant_spent);
}

Result<void> RedeemRun::check_order() const {
    auto const bad = [](char const* field) { return Error(Problem::invalid_field, field); };
    if (order_.kind == Kind::hub) return bad("kind");
    bool const may_lack_id = order_.kind != Kind::member;
    if (!(may_lack_id && order_.node_id.empty()) && !is_node_id(order_.node_id))
        return bad("node_id");
    if (!order_.node_name.empty() && !is_node_label(order_.node_name)) return bad("node_name");
    if (order_.hostname.size() > max_hostname_bytes) return bad("hostname");
    if (!order_.zone.empty() && !is_zone(order_.zone)) return bad("zone_id");
    if (!order_.arch.empty() && order_.arch != "amd64" && order_.arch != "arm64")
        return bad("architecture");
    if (order_.attempt_id.size() > max_attempt_bytes) return bad("attempt_id");
    return check_claims_size(order_.claims_json);
}

Result<Digest> RedeemRun::secret_mac(Bytes const& mac_key) {
    auto const& text = order_.secret.reveal();
    if (policy_of(order_.kind).form == Form::token) {
        if (!is_token_of(order_.kind, text)) return unknown();
        return sha256(as_bytes(text));
    }
    auto const code = parse_code(text);
    if (code.has_error()) return code.error();
    guessed_slot_ = code_slot(*code);
    return code_mac(mac_key, *code);
}

Result<Redeemed> RedeemRun::run(Bytes const& mac_key) {
    if (auto ok = check_mac_key(mac_key); ok.has_error()) return ok.error();
    if (auto ok = check_order(); ok.has_error()) return ok.error();
    auto const key = pki::check_request(order_.csr_pem);
    if (key.has_error()) return key.error();
    if (order_.proved_grant_id.empty()) {
        auto const mac = secret_mac(mac_key);
        if (mac.has_error()) return mac.error();
        mac_ = *mac;
    }
    return db_.transaction<Redeemed>([&] {
        auto done = decide(*key);
        if (!done || order_.proof.empty()) return done;
        if (auto ok = forget_proof(db_, order_.proof); ok.has_error())
            return Result<Redeemed>(ok.error());
        return done;
    });
}

Result<Redeemed> RedeemRun::decide(pki::Key const& key) {
    now_ = clock_.wall();  // read under the lock: waiting for it must not keep a grant alive
    if (auto found = find_grant(); found.has_error()) return found.error();
    guessed_slot_.clear();
    if (grant_.is_revoked) return Error(Problem::grant_revoked);
    auto const spki = to_hex(key.spki_sha256());
    auto again = find_replay(spki);
    if (again.has_error()) return again.error();
    if (*again) return std::move(**again);
    if (auto alive = check_state(); alive.has_error()) return alive.error();
    if (auto bound = check_binding(); bound.has_error()) return bound.error();
    return admit(key, spki);
}

Result<void> RedeemRun::find_grant() {
    bool const proved = !order_.proved_grant_id.empty();
    auto row = db_.prepare(
        "SELECT id, subnet_id, slot, bind_name, bind_node_id, bind_arch, claims_json, alloc_json, "
        "created_at, expires_at, max_uses IS NOT NULL AND uses >= max_uses, revoked_at IS NOT NULL "
        "OR superseded_by IS NOT NULL, form = 'code' FROM grants WHERE " +
        std::string(proved ? "id" : "secret_mac") + " = ?1 AND kind = ?2");
    if (proved)
        row.bind(1, order_.proved_grant_id);
    else
        row.bind(1, std::span<std::byte const>(mac_));
    row.bind(2, kind_word(order_.kind));
    auto const there = row.step();
    if (there.has_error()) return there.error();
    if (!*there) return unknown();
    if (!order_.subnet_id.empty() && row.text(1) != order_.subnet_id) return unknown();
    grant_.id = row.text(0);
    grant_.subnet_id = row.text(1);
    grant_.slot = row.text(2);
    grant_.bind_name = row.text(3);
    grant_.bind_node_id = row.text(4);
    grant_.bind_arch = row.text(5);
    grant_.claims_json = row.text(6);
    grant_.alloc_json = row.text(7);
    grant_.created_at = from_millis(row.integer(8));
    grant_.expires_at = from_millis(row.integer(9));
    grant_.is_spent = row.integer(10) != 0;
    grant_.is_revoked = row.integer(11) != 0;
    grant_.is_code = row.integer(12) != 0;
    return Result<void>();
}

/// Only the attempt that had an answer may have it again, until the node's first hello.
Result<std::optional<Redeemed>> RedeemRun::find_replay(std::string const& spki) {
    std::optional<Redeemed> none;
    if (order_.attempt_id.empty()) return none;
    std::string node_id, certificate;
    {
        auto row = db_.prepare(
            "SELECT spki_sha256, node_id, certificate_pem, sealed_at FROM redemptions WHERE "
            "grant_id = ?1 AND attempt_hash = ?2");
        row.bind(1, grant_.id);
        row.bind(2, std::span<std::byte const>(attempt_hash(order_.attempt_id)));
        auto const there = row.step();
        if (there.has_error()) return there.error();
        if (!*there) return none;
        node_id = row.text(1);
        bool const same_node = order_.node_id.empty() || order_.node_id == node_id;
        if (row.text(0) != spki || !same_node)
            return grant_.is_spent ? spent() : Error(Problem::attempt_conflict);
        if (!row.is_null(3)) return spent();
        certificate = row.text(2);
    }
    auto const node = nodes_.find(node_id);
    if (node.has_error()) return node.error();
    if (!*node || (*node)->removed_at) return spent();
    auto again = outcome(**node, std::move(certificate));
    if (again.has_error()) return again.error();
    again->replayed = true;
    if (auto ok = write_audit("replayed", again->node); ok.has_error()) return ok.error();
    return std::optional(std::move(*again));
}

Result<void> RedeemRun::check_state() const {
    if (grant_.is_spent) return spent();
    auto const expired = grant_.is_code ? Problem::code_expired : Problem::grant_expired;
    if (now_ >= grant_.expires_at) return Error(expired);
    if (now_ < grant_.created_at - max_step_back)
        return Error(expired, "this clock is behind the time it was made");
    return Result<void>();
}

Result<void> RedeemRun::check_binding() const {
    if (is_bound(grant_.bind_node_id, order_.node_id))
        return Error(Problem::grant_bound, "node_id");
    if (is_bound(grant_.bind_name, order_.node_name))
        return Error(Problem::grant_bound, "node_name");
    if (!grant_.bind_arch.empty() && grant_.bind_arch != order_.arch)
        return Error(Problem::grant_bound, "architecture");
    auto const claimed = claims_match(grant_.claims_json, order_.claims_json);
    if (claimed.has_error()) return claimed.error();
    if (!*claimed) return Error(Problem::claim_mismatch);
    return Result<void>();
}

Result<Redeemed> RedeemRun::admit(pki::Key const& key, std::string const& spki) {
    auto const node_id = resolve_node(spki);
    if (node_id.has_error()) return node_id.error();
    auto node = admit_node(*node_id, spki);
    if (node.has_error()) return node.error();
    auto certificate = sign_(key, *node);
    if (certificate.has_error()) return with_context(certificate.error(), "sign");
    auto done = outcome(std::move(*node), std::move(*certificate));
    if (done.has_error()) return done;
    if (auto ok = record(*done, spki); ok.has_error()) return ok.error();
    if (auto ok = write_audit("redeemed", done->node); ok.has_error()) return ok.error();
    if (order_.along) {
        if (auto ok = order_.along(db_, *done); ok.has_error()) return ok.error();
    }
    return done;
}

Result<Redeemed> RedeemRun::outcome(registry::Node node, std::string certificate_pem) {
    auto const hub = nodes_.hub_of(grant_.subnet_id);
    if (hub.has_error()) return hub.error();
    Redeemed done;
    if (*hub) done.hub_node_id = (*hub)->node_id;
    done.grant_id = grant_.id;
    done.node = std::move(node);
    done.certificate_pem = std::move(certificate_pem);
    done.code_created_at = grant_.created_at;
    done.code_expires_at = grant_.expires_at;
    done.alloc_json = grant_.alloc_json;
    return done;
}

/// Which node this is (spec V9): the bound one, the named one, the one with this key, or a new one.
Result<std::string> RedeemRun::resolve_node(std::string const& spki) {
    auto id = grant_.bind_node_id.empty() ? order_.node_id : grant_.bind_node_id;
    auto const& name = grant_.bind_name.empty() ? order_.node_name : grant_.bind_name;
    if (!name.empty()) {
        auto const named = nodes_.find_in(grant_.subnet_id, name);
        if (named.has_error()) return named.error();
        if (*named) {
            auto const& holder = **named;
            bool const is_other = !id.empty() && id != holder.node_id;
            if (is_other || (holder.spki_sha256 != spki && grant_.bind_name != name))
                return Error(Problem::name_taken, "node_name " + name);
            if (auto ok = take_over(holder, spki); ok.has_error()) return ok.error();
            return holder.node_id;
        }
    }
    if (id.empty()) {
        auto const known = nodes_.find_by_key(grant_.subnet_id, spki);
        if (known.has_error()) return known.error();
        return *known ? (*known)->node_id : random_.uuid();
    }
    auto const known = nodes_.find(id);
    if (known.has_error()) return known.error();
    if (*known && grant_.bind_node_id == id) {
        if (auto ok = take_over(**known, spki); ok.has_error()) return ok.error();
    }
    return id;
}

/// The grant was made for this very node: whoever redeems it is the node, and the old key is not.
Result<void> RedeemRun::take_over(registry::Node const& known, std::string const& spki) {
    if (known.spki_sha256 == spki) return Result<void>();
    if (known.subnet_id != grant_.subnet_id) return Error(Problem::join_conflict, "subnet");
    if (known.role != "member") return Error(Problem::join_conflict, "it is the hub");
    if (auto ok = nodes_.replace_key(known.node_id, spki, now_); ok.has_error()) return ok;
    if (known.spki_sha256.empty()) return Result<void>();  // invited: it never had one
    return write_audit("credential_revoked", known);
}

Result<registry::Node> RedeemRun::admit_node(std::string const& node_id, std::string const& spki) {
    auto const known = nodes_.find(node_id);
    if (known.has_error()) return known.error();
    if (*known && (*known)->spki_sha256 == spki && !(*known)->removed_at) {
        // The same machine again, with a fresh grant: welcome, unless it would change what it is.
        if ((*known)->subnet_id != grant_.subnet_id) return Error(Problem::join_conflict, "subnet");
        if ((*known)->role != "member") return Error(Problem::join_conflict, "it is the hub");
    }
    auto const& wish = grant_.bind_name.empty() ? order_.node_name : grant_.bind_name;
    bool const stays = *known && !(*known)->removed_at;
    if (stays && !wish.empty() && wish != (*known)->name) {
        // Certificates carry the name: while one may be valid nobody else gets it.
        bool const is_bound_to_it = !grant_.bind_node_id.empty();
        return Error(is_bound_to_it ? Problem::grant_bound : Problem::join_conflict,
                     "node_name: it is node " + (*known)->name);
    }
    auto const changed = nodes_.next_change(grant_.subnet_id, now_);
    if (changed.has_error()) return changed.error();
    registry::Node node;
    node.node_id = node_id;
    node.subnet_id = grant_.subnet_id;
    node.role = "member";
    node.name = wish;
    if (stays && wish.empty() && order_.kind != Kind::member) node.name = (*known)->name;
    node.hostname = order_.hostname;
    node.zone = order_.zone;
    node.spki_sha256 = spki;
    node.inventory.architecture = order_.arch;
    node.issued_by = order_.subnet_id.empty() ? "root" : "hub";
    node.created_at = now_;
    node.updated_at = *changed;
    auto const admitted = nodes_.admit(std::move(node));
    if (admitted.has_error()) return admitted.error();
    auto inventory = order_.inventory;
    if (inventory.architecture.empty()) inventory.architecture = order_.arch;
    return nodes_.describe(node_id, inventory);
}

Result<void> RedeemRun::record(Redeemed const& done, std::string const& spki) {
    auto use = db_.prepare("UPDATE grants SET uses = uses + 1 WHERE id = ?1");
    use.bind(1, grant_.id);
    if (auto ok = use.run(); ok.has_error()) return ok.error();
    if (!grant_.slot.empty()) {
        if (auto ok = forget_tries(db_, grant_.slot); ok.has_error()) return ok.error();
    }
    auto put = db_.prepare(
        "INSERT INTO redemptions (id, grant_id, node_id, attempt_hash, spki_sha256, "
        "certificate_pem, source, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    put.bind(1, random_.uuid()).bind(2, grant_.id).bind(3, done.node.node_id);
    if (order_.attempt_id.empty())
        put.bind(4, nullptr);
    else
        put.bind(4, std::span<std::byte const>(attempt_hash(order_.attempt_id)));
    put.bind(5, spki).bind(6, done.certificate_pem).bind(7, order_.source).bind(8, to_millis(now_));
    return put.run();
}

Result<void> RedeemRun::write_audit(std::string_view event, registry::Node const& node) {
    AuditRow row;
    row.at = now_;
    row.event = event;
    row.actor = order_.source;
    row.grant_id = grant_.id;
    row.node_id = node.node_id;
    row.detail = node.name;
    return append_audit(db_, row);
}

}  // namespace adaos::enrol

#include "enrol/redemption.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"
#include "enrol/join_code.hpp"
#include "enrol/trail.hpp"
#include "pki/request.hpp"

#include <algorithm>

namespace adaos::enrol {
namespace {

constexpr std::size_t max_attempt_bytes = 128;
constexpr std::size_t max_hostname_bytes = 255;

Digest attempt_hash(std::string const& attempt_id) {
    return sha256(as_bytes(attempt_id));
}

}  // namespace

Result<void> Redemption::check_order() const {
    auto const bad = [](char const* field) { return Error(Problem::invalid_field, field); };
    if (order_.kind != Kind::member) return bad("kind");
    if (!is_node_id(order_.node_id)) return bad("node_id");
    if (order_.hostname.size() > max_hostname_bytes) return bad("hostname");
    if (!order_.zone.empty() && !is_zone(order_.zone)) return bad("zone_id");
    if (order_.attempt_id.size() > max_attempt_bytes) return bad("attempt_id");
    return Result<void>();
}

Result<Redeemed> Redemption::run(Bytes const& mac_key) {
    if (auto ok = check_mac_key(mac_key); ok.has_error()) return ok.error();
    if (auto ok = check_order(); ok.has_error()) return ok.error();
    auto const key = pki::check_request(order_.csr_pem);
    if (key.has_error()) return key.error();
    auto const code = parse_code(order_.secret.reveal());
    if (code.has_error()) return code.error();
    auto const mac = code_mac(mac_key, *code);
    return db_.transaction<Redeemed>([&] { return decide(mac, *key); });
}

Result<Redeemed> Redemption::decide(Digest const& mac, pki::Key const& key) {
    now_ = clock_.wall();  // read under the lock: waiting for it must not keep a code alive
    if (auto found = find_grant(mac); found.has_error()) return found.error();
    auto const spki = to_hex(key.spki_sha256());
    if (grant_.is_used) return replay(spki);
    if (grant_.is_revoked) return Error(Problem::code_expired, "revoked");
    if (now_ >= grant_.expires_at) return Error(Problem::code_expired);
    if (now_ < grant_.created_at - max_step_back)
        return Error(Problem::code_expired, "this clock is behind the code's creation");
    return admit(key, spki);
}

Result<void> Redemption::find_grant(Digest const& mac) {
    auto row = db_.prepare(
        "SELECT id, subnet_id, created_at, expires_at, uses, revoked_at FROM grants "
        "WHERE secret_mac = ?1 AND kind = 'member'");
    row.bind(1, std::span<std::byte const>(mac));
    auto const there = row.step();
    if (there.has_error()) return there.error();
    if (!*there) return Error(Problem::code_unknown);
    if (!order_.subnet_id.empty() && row.text(1) != order_.subnet_id)
        return Error(Problem::code_unknown);
    grant_.id = row.text(0);
    grant_.subnet_id = row.text(1);
    grant_.created_at = from_millis(row.integer(2));
    grant_.expires_at = from_millis(row.integer(3));
    grant_.is_used = row.integer(4) > 0;
    grant_.is_revoked = !row.is_null(5);
    return Result<void>();
}

/// The grant is used. Only the attempt that used it may have its answer again.
Result<Redeemed> Redemption::replay(std::string const& spki) {
    auto const used = Error(Problem::code_used);
    if (grant_.is_revoked || order_.attempt_id.empty()) return used;
    Redeemed again;
    {
        auto row = db_.prepare(
            "SELECT attempt_hash, spki_sha256, node_id, certificate_pem, sealed_at FROM "
            "redemptions "
            "WHERE grant_id = ?1");
        row.bind(1, grant_.id);
        auto const there = row.step();
        if (there.has_error()) return there.error();
        if (!*there || row.is_null(0) || !row.is_null(4)) return used;
        if (!equal_constant_time(row.blob(0), attempt_hash(order_.attempt_id))) return used;
        if (row.text(1) != spki || row.text(2) != order_.node_id) return used;
        again.certificate_pem = row.text(3);
    }
    auto const node = nodes_.find(order_.node_id);
    if (node.has_error()) return node.error();
    if (!*node || (*node)->removed_at) return used;
    again.grant_id = grant_.id;
    again.node = **node;
    again.code_created_at = grant_.created_at;
    again.code_expires_at = grant_.expires_at;
    again.replayed = true;
    if (auto ok = write_audit("replayed", again.node); ok.has_error()) return ok.error();
    return again;
}

Result<Redeemed> Redemption::admit(pki::Key const& key, std::string const& spki) {
    auto const node = admit_node(spki);
    if (node.has_error()) return node.error();
    auto certificate = sign_(key, *node);
    if (certificate.has_error()) return with_context(certificate.error(), "sign");
    Redeemed done;
    done.grant_id = grant_.id;
    done.node = *node;
    done.certificate_pem = std::move(*certificate);
    done.code_created_at = grant_.created_at;
    done.code_expires_at = grant_.expires_at;
    if (auto ok = record(done, spki); ok.has_error()) return ok.error();
    if (auto ok = write_audit("redeemed", *node); ok.has_error()) return ok.error();
    return done;
}

Result<registry::Node> Redemption::admit_node(std::string const& spki) {
    auto const known = nodes_.find(order_.node_id);
    if (known.has_error()) return known.error();
    if (*known && (*known)->spki_sha256 == spki && !(*known)->removed_at) {
        // The same machine again, with a fresh code: welcome, unless it would change what it is.
        if ((*known)->subnet_id != grant_.subnet_id) return Error(Problem::join_conflict, "subnet");
        if ((*known)->role != "member") return Error(Problem::join_conflict, "it is the hub");
    }
    auto const changed = nodes_.next_change(grant_.subnet_id, now_);
    if (changed.has_error()) return changed.error();
    registry::Node node;
    node.node_id = order_.node_id;
    node.subnet_id = grant_.subnet_id;
    node.role = "member";
    node.hostname = order_.hostname;
    node.zone = order_.zone;
    node.spki_sha256 = spki;
    node.issued_by = order_.subnet_id.empty() ? "root" : "hub";
    node.created_at = now_;
    node.updated_at = *changed;
    return nodes_.admit(std::move(node));
}

Result<void> Redemption::record(Redeemed const& done, std::string const& spki) {
    auto use = db_.prepare("UPDATE grants SET uses = uses + 1 WHERE id = ?1 AND uses = 0");
    use.bind(1, grant_.id);
    if (auto ok = use.run(); ok.has_error()) return ok.error();
    auto put = db_.prepare(
        "INSERT INTO redemptions (id, grant_id, node_id, attempt_hash, spki_sha256, "
        "certificate_pem, "
        "source, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    put.bind(1, random_.uuid()).bind(2, grant_.id).bind(3, done.node.node_id);
    if (order_.attempt_id.empty())
        put.bind(4, nullptr);
    else
        put.bind(4, std::span<std::byte const>(attempt_hash(order_.attempt_id)));
    put.bind(5, spki).bind(6, done.certificate_pem).bind(7, order_.source).bind(8, to_millis(now_));
    return put.run();
}

Result<void> Redemption::write_audit(std::string_view event, registry::Node const& node) {
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

#include "enrol/renewal.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "enrol/access.hpp"
#include "enrol/audit.hpp"
#include "pki/authority.hpp"
#include "pki/request.hpp"

namespace adaos::enrol {
namespace {

Result<void> note(store::Database& db, WallTime now, std::string_view event,
                  std::string const& actor, registry::Node const& node) {
    AuditRow row;
    row.at = now;
    row.event = event;
    row.actor = actor;
    row.node_id = node.node_id;
    row.detail = node.name;
    return append_audit(db, row);
}

/// The row of who asks, if it may have a certificate.
Result<registry::Node> find_entitled(registry::Nodes& nodes, RenewOrder const& order) {
    auto const known = nodes.find(order.node_id);
    if (known.has_error()) return known.error();
    if (!*known || (*known)->subnet_id != order.subnet_id)
        return Error(Problem::node_unknown, order.node_id);
    if ((*known)->removed_at) return Error(Problem::node_removed, order.node_id);
    return **known;
}

Result<void> bind_key(store::Database& db, std::string const& node_id, std::string const& spki,
                      WallTime changed) {
    auto put = db.prepare("UPDATE nodes SET spki_sha256 = ?2, updated_at = ?3 WHERE node_id = ?1");
    put.bind(1, node_id).bind(2, spki).bind(3, to_millis(changed));
    return put.run();
}

Result<Renewed> renew_inside(store::Database& db, RenewOrder const& order, pki::Key const& key,
                             Sign const& sign, WallTime now) {
    registry::Nodes nodes(db);
    auto node = find_entitled(nodes, order);
    if (node.has_error()) return node.error();
    auto const spki = to_hex(key.spki_sha256());
    Renewed out;
    out.new_key = node->spki_sha256 != spki;
    if (out.new_key) {
        if (order.key == RenewOrder::Key::must_stay)
            return Error(Problem::duplicate_identity, "the key is not this node's");
        auto const changed = nodes.next_change(node->subnet_id, now);
        if (changed.has_error()) return changed.error();
        auto const bound = bind_key(db, node->node_id, spki, *changed);
        if (bound.has_error()) return bound.error();
        node->spki_sha256 = spki;
    }
    auto certificate = sign(key, *node);
    if (certificate.has_error()) return with_context(certificate.error(), "sign");
    auto const noted = note(db, now, order.is_late ? "recovered" : "renewed", order.actor, *node);
    if (noted.has_error()) return noted.error();
    out.node = std::move(*node);
    out.certificate_pem = std::move(*certificate);
    return out;
}

/// Every code and token for the subnet is dead from now on.
Result<void> revoke_grants_of(store::Database& db, std::string const& subnet_id,
                              std::string const& actor, WallTime now) {
    auto revoke = db.prepare(
        "UPDATE grants SET revoked_at = ?2, revoked_by = ?3 "
        "WHERE subnet_id = ?1 AND revoked_at IS NULL");
    revoke.bind(1, subnet_id).bind(2, to_millis(now)).bind(3, actor);
    return revoke.run();
}

Result<registry::Node> remove_inside(store::Database& db, registry::Node node,
                                     std::string const& actor, WallTime now) {
    registry::Nodes nodes(db);
    if (auto gone = nodes.remove(node.node_id, now); gone.has_error()) return gone.error();
    if (auto noted = note(db, now, "removed", actor, node); noted.has_error()) return noted.error();
    if (node.role == "hub") {
        auto const revoked = revoke_grants_of(db, node.subnet_id, actor, now);
        if (revoked.has_error()) return revoked.error();
    }
    auto const after = nodes.find(node.node_id);
    if (after.has_error()) return after.error();
    return after->value_or(node);
}

}  // namespace

Result<std::chrono::seconds> parse_recovery_budget(std::string_view text) {
    if (text.empty()) return std::chrono::seconds(recovery_budget);
    auto const budget = parse_duration(text);
    if (!budget) return Error(Problem::invalid_option, budget.error().context);
    if (*budget < std::chrono::minutes(1) || *budget > longest_recovery_budget)
        return Error(Problem::invalid_option, "1m to 3650d are allowed");
    return budget;
}

Result<std::chrono::seconds> parse_leaf_life(std::string_view text) {
    if (text.empty()) return std::chrono::seconds(pki::leaf_life);
    auto const life = parse_duration(text);
    if (!life) return Error(Problem::invalid_option, life.error().context);
    if (*life < pki::least_leaf_life || *life > pki::longest_leaf_life)
        return Error(Problem::invalid_option, "1m to 365d are allowed");
    return life;
}

Result<Renewed> renew(store::Database& db, RenewOrder const& order, Sign const& sign,
                      Clock const& clock) {
    auto const key = pki::check_request(order.csr_pem);
    if (key.has_error()) return key.error();
    return db.transaction<Renewed>(
        [&] { return renew_inside(db, order, *key, sign, clock.wall()); });
}

Result<registry::Node> remove_node(store::Database& db, std::string const& node_id,
                                   std::string const& actor, Clock const& clock) {
    return db.transaction<registry::Node>([&]() -> Result<registry::Node> {
        auto const node = registry::Nodes(db).find(node_id);
        if (node.has_error()) return node.error();
        if (!*node) return Error(Problem::node_unknown, node_id);
        return remove_inside(db, **node, actor, clock.wall());
    });
}

Result<void> note_removed(store::Database& db, std::string const& subnet_id,
                          registry::NodeReport const& report, Clock const& clock) {
    registry::Nodes nodes(db);
    auto const known = nodes.find(report.node_id);
    if (known.has_error()) return known.error();
    auto const& node = *known;
    auto const at = *report.removed_at;
    bool const ours = node && node->subnet_id == subnet_id && node->role == "member";
    if (!ours || node->updated_at > at) return {};
    bool const knew = node->removed_at.has_value();
    if (knew && node->updated_at == at) return {};  // every report repeats it
    if (auto gone = nodes.remove_as_told(node->node_id, at); gone.has_error()) return gone;
    if (knew) return {};
    return note(db, clock.wall(), "removed", "hub of " + subnet_id, *node);
}

Result<registry::Node> remove_hub(store::Database& db, std::string const& subnet_id,
                                  std::string const& actor, Clock const& clock) {
    return db.transaction<registry::Node>([&]() -> Result<registry::Node> {
        auto const hub = registry::Nodes(db).hub_of(subnet_id);
        if (hub.has_error()) return hub.error();
        if (!*hub) return Error(Problem::subnet_unknown, subnet_id);
        return remove_inside(db, **hub, actor, clock.wall());
    });
}

}  // namespace adaos::enrol

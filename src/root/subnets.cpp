#include "root/subnets.hpp"

#include "base/problem.hpp"

namespace adaos::root {
namespace {

/// How often a random subnet id may turn out taken: of 2^32 ids a million are, so never eight
/// times.
constexpr int subnet_tries = 8;

Result<std::string> choose_subnet(registry::Nodes& nodes,
                                  std::optional<registry::Node> const& known,
                                  std::string const& wished, Random& random) {
    if (known && (wished.empty() || wished == known->subnet_id)) return known->subnet_id;
    if (known)
        return Error(Problem::subnet_taken, "this hub owns " + known->subnet_id + " already");
    for (int i = 0; i < subnet_tries; ++i) {
        auto const id = wished.empty() ? "sn_" + random.hex(4) : wished;
        // Of a removed hub, too: its issuer could still sign members of that subnet.
        auto const used = nodes.was_used(id);
        if (!used) return used.error();
        if (!*used) return id;
        if (!wished.empty()) return Error(Problem::subnet_taken, wished);
    }
    return Error(Problem::internal, "no free subnet id");
}

}  // namespace

Result<Registered> register_hub(store::Database& db, HubOrder const& order,
                                pki::Authority const& ca, std::string const& trusted_pem,
                                WallTime now, Random& random) {
    registry::Nodes nodes(db);
    auto const spki = to_hex(order.key.spki_sha256());
    auto const known = nodes.find(order.node_id);
    if (!known) return known.error();
    if (*known && (*known)->spki_sha256 != spki)
        return Error(Problem::duplicate_identity, "node " + order.node_id);
    auto const subnet = choose_subnet(nodes, *known, order.wished_subnet, random);
    if (!subnet) return subnet.error();
    auto const leaf = ca.issue_node(order.key, {*subnet, order.node_id, true}, now, random);
    if (!leaf) return leaf.error();
    auto const issuer = ca.issue_issuer(order.issuer_key, *subnet, now, random);
    if (!issuer) return issuer.error();
    auto const changed = nodes.next_change(*subnet, now);
    if (!changed) return changed.error();
    registry::Node node;
    node.node_id = order.node_id;
    node.subnet_id = *subnet;
    node.role = "hub";
    node.hostname = order.hostname;
    node.zone = order.zone_id;
    node.spki_sha256 = spki;
    node.issued_by = "root";
    node.created_at = now;
    node.updated_at = *changed;
    auto const stored = nodes.admit(std::move(node));
    if (!stored) return stored.error();
    return Registered{*subnet, order.node_id, *leaf, *issuer, trusted_pem, known->has_value()};
}

}  // namespace adaos::root

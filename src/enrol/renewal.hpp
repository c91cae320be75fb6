#pragma once
/// New certificates for nodes that are in already. Synchronous over one Database, like Grants; the
/// rules are docs/protocol/renewal.md.

#include "enrol/grants.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace adaos::enrol {

/// How long after its end a certificate can still be renewed with its key, unless told otherwise.
inline constexpr std::chrono::hours recovery_budget{90 * 24};

/// "30d", "2h", "1m": the life of the leafs an authority issues; empty: the default. Errors:
/// invalid_option.
[[nodiscard]] Result<std::chrono::seconds> parse_leaf_life(std::string_view text);

/// The same of how long after its end a certificate can be recovered: 1 minute to 10 years.
[[nodiscard]] Result<std::chrono::seconds> parse_recovery_budget(std::string_view text);
inline constexpr std::chrono::hours longest_recovery_budget{3650 * 24};

struct RenewOrder {
    /// Proved by the certificate of the link, or by the old certificate that was sent.
    std::string node_id, subnet_id;
    std::string csr_pem;
    std::string actor;  ///< node id, or the source address
    enum class Key {
        may_change,  ///< over a link: who has the link may bind itself to another key
        must_stay,   ///< elsewhere: only the certificate's very key counts
    } key = Key::may_change;
    bool is_late = false;  ///< the certificate has ended
};
struct Renewed {
    registry::Node node;
    std::string certificate_pem;
    bool new_key = false;
};
/// Certificate, key and audit row (`renewed`; `recovered` when late) commit together.
/// Errors: csr_refused, node_unknown, node_removed, duplicate_identity (the key is not the node's);
/// whatever `sign` fails with.
[[nodiscard]] Result<Renewed> renew(store::Database& db, RenewOrder const& order, Sign const& sign,
                                    Clock const& clock);

/// The node goes: its row is marked, an audit row `removed` written; with a hub, every code and
/// token for its subnet is revoked. Errors: node_unknown.
[[nodiscard]] Result<registry::Node> remove_node(store::Database& db, std::string const& node_id,
                                                 std::string const& actor, Clock const& clock);
/// What a hub tells of a member that it removed: ignored when the member has come back since. The
/// removal keeps the hub's time (Nodes::remove_as_told). Call inside a transaction.
[[nodiscard]] Result<void> note_removed(store::Database& db, std::string const& subnet_id,
                                        registry::NodeReport const& report, Clock const& clock);
/// remove_node for the subnet's hub, where no Root runs. Errors: subnet_unknown.
[[nodiscard]] Result<registry::Node> remove_hub(store::Database& db, std::string const& subnet_id,
                                                std::string const& actor, Clock const& clock);

}  // namespace adaos::enrol

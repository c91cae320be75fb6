#pragma once
/// Which hub owns which subnet: Root's decision at a registration. Synchronous, over one Database;
/// it runs inside the transaction that uses up the bootstrap token.

#include "base/clock.hpp"
#include "base/random.hpp"
#include "pki/authority.hpp"
#include "registry/nodes.hpp"

#include <string>

namespace adaos::root {

struct HubOrder {
    std::string node_id, hostname, zone_id;
    std::string wished_subnet;  ///< empty: the hub's own one, else a random one
    pki::Key key;               ///< of the hub's leaf; its hash is the hub's identity
    pki::Key issuer_key;        ///< of its subnet issuer
};

struct Registered {
    std::string subnet_id, node_id, cert_pem, issuer_cert_pem, ca_pem;
    bool reused = false;  ///< the same hub with the same key came again
};

/// Registers the hub, or the same hub again. Errors: duplicate_identity (the node id has another
/// key), subnet_taken (another hub owns it, or this one owns another), the store's.
[[nodiscard]] Result<Registered> register_hub(store::Database& db, HubOrder const& order,
                                              pki::Authority const& ca,
                                              std::string const& trusted_pem, WallTime now,
                                              Random& random);

}  // namespace adaos::root

#pragma once
/// A node's keys and certificates on disk, as one set that is complete or not there.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "identity/base_dir.hpp"
#include "identity/node_config.hpp"
#include "pki/authority.hpp"
#include "store/atomic_file.hpp"

#include <optional>
#include <string>

namespace adaos::identity {

struct Credentials {
    std::string chain_pem;  ///< leaf first
    Secret key_pem;
    std::string anchors_pem;  ///< whom we trust on links
};
/// Absent when the set is not complete. Errors: state_damaged when key and certificate do not
/// belong together, naming the file.
[[nodiscard]] Result<std::optional<Credentials>> load_credentials(BaseDir const& dir, Role role);

/// Stores what a join brought: key is on disk already; writes certificate, anchors, runtime state,
/// and node.yaml *last* (that is the moment the membership exists). Then the journal goes.
struct Membership {
    NodeConfig config;  ///< role member, hub_url, root…
    std::string chain_pem;
    std::string anchors_pem;
};
[[nodiscard]] Result<void> store_membership(BaseDir const& dir, Membership const& membership);

/// A hub that never saw Root: makes its own issuer and leaf once, and returns them.
struct HubCredentials {
    Credentials leaf;
    std::string issuer_chain_pem;
    Secret issuer_key_pem;
};
/// What Root signed for this hub is never made up: when any of it is missing, state_damaged.
[[nodiscard]] Result<HubCredentials> load_or_make_hub(BaseDir const& dir, NodeConfig const& config,
                                                      Clock const& clock, Random& random);

/// The key in the file; a new one, stored there, when it holds none. Under `lock_keys`.
[[nodiscard]] Result<pki::Key> key_at(std::filesystem::path const& path);
/// Held while a hub's keys and certificates are read or written as a set; waits for it.
[[nodiscard]] Result<store::FileLock> lock_keys(BaseDir const& dir);

}  // namespace adaos::identity

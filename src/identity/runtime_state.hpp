#pragma once
/// `state/node_runtime.json`: where this node is connected. Dynamic, 0600, losable.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "identity/base_dir.hpp"

#include <functional>
#include <optional>
#include <string>

namespace adaos::identity {

struct RuntimeState {
    std::string role;       ///< copy, for recovery of a broken node.yaml
    std::string subnet_id;  ///< likewise
    std::string node_id;    ///< likewise
    std::string hub_url;    ///< likewise
    Secret token;           ///< local control token; made when absent
    WallTime updated_at{};
    std::string hub_node_id;          ///< copy, for recovery of a broken node.yaml
    std::string root_base_url;        ///< likewise
    std::string root_ca_fingerprint;  ///< likewise
};

struct NodeConfig;
/// Copies role, ids and addresses: what recovery of a broken node.yaml needs.
void copy_identity(NodeConfig const& config, RuntimeState& into);

/// Missing or damaged: an empty state (a damaged file is set aside as *.invalid).
[[nodiscard]] Result<RuntimeState> load_runtime(BaseDir const& dir);
/// Changes the state under the lock file: reads, calls `edit`, writes. Unknown keys survive.
[[nodiscard]] Result<RuntimeState> edit_runtime(BaseDir const& dir,
                                                std::function<void(RuntimeState&)> const& edit);
/// The token, made and stored at the first call.
[[nodiscard]] Result<Secret> control_token(BaseDir const& dir, Random& random);

}  // namespace adaos::identity

#pragma once
/// Whether this node takes new work, as the node itself remembers it: `state/provisioning.json`.
/// The registry of its upstream only mirrors it. Wire words: docs/protocol/http-api.md.

#include "base/error.hpp"
#include "identity/base_dir.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace adaos::identity {

enum class Provisioning { unprovisioned, provisioned, paused, error };

[[nodiscard]] std::string_view provisioning_name(Provisioning state) noexcept;
[[nodiscard]] std::optional<Provisioning> parse_provisioning(std::string_view text) noexcept;

/// What an operator may ask of a node's provisioning.
enum class ProvisioningCommand { pause, resume };

/// The state after `command`; the same state when there is nothing to do. Errors:
/// Problem::node_state from `unprovisioned` (there is nothing to hold back) and from `error` (what
/// is broken comes first).
[[nodiscard]] Result<Provisioning> next_provisioning(Provisioning from,
                                                     ProvisioningCommand command);

struct ProvisioningState {
    Provisioning state = Provisioning::unprovisioned;
    std::string cause;  ///< why `error`; empty otherwise
    [[nodiscard]] bool operator==(ProvisioningState const&) const = default;
};

/// No file means `unprovisioned`. A file that cannot be understood means `error` with the cause:
/// guessing `provisioned` would end a pause. Errors: the disk's.
[[nodiscard]] Result<ProvisioningState> load_provisioning(BaseDir const& dir);
/// Whole or not at all, 0600; `unprovisioned` removes the file.
[[nodiscard]] Result<void> store_provisioning(BaseDir const& dir, ProvisioningState const& state);
/// A node whose upstream took it in is `provisioned` unless its file says otherwise. Returns what
/// holds from now on.
[[nodiscard]] Result<ProvisioningState> begin_provisioned(BaseDir const& dir);
/// Loads, applies `command`, stores, returns the new state. Errors: next_provisioning's, the
/// disk's; then nothing has changed.
[[nodiscard]] Result<ProvisioningState> command_provisioning(BaseDir const& dir,
                                                             ProvisioningCommand command);

}  // namespace adaos::identity

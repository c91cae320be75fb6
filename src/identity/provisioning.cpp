#include "identity/provisioning.hpp"

#include "base/problem.hpp"

#include <array>

namespace adaos::identity {
namespace {

constexpr std::array all_states{Provisioning::unprovisioned, Provisioning::provisioned,
                                Provisioning::paused, Provisioning::error};

}  // namespace

std::string_view provisioning_name(Provisioning state) noexcept {
    switch (state) {
        case Provisioning::unprovisioned: return "unprovisioned";
        case Provisioning::provisioned: return "provisioned";
        case Provisioning::paused: return "paused";
        case Provisioning::error: return "error";
    }
    return "";
}

std::optional<Provisioning> parse_provisioning(std::string_view text) noexcept {
    for (auto const state : all_states)
        if (text == provisioning_name(state)) return state;
    return std::nullopt;
}

Result<Provisioning> next_provisioning(Provisioning from, ProvisioningCommand command) {
    if (from == Provisioning::unprovisioned || from == Provisioning::error)
        return Error(Problem::node_state,
                     "provisioning is " + std::string(provisioning_name(from)));
    return command == ProvisioningCommand::pause ? Provisioning::paused : Provisioning::provisioned;
}

Result<ProvisioningState> begin_provisioned(BaseDir const& dir) {
    auto known = load_provisioning(dir);
    if (!known || known->state != Provisioning::unprovisioned) return known;
    ProvisioningState const begun{Provisioning::provisioned, ""};
    if (auto stored = store_provisioning(dir, begun); !stored) return stored.error();
    return begun;
}

Result<ProvisioningState> command_provisioning(BaseDir const& dir, ProvisioningCommand command) {
    auto const known = load_provisioning(dir);
    if (!known) return known.error();
    auto const next = next_provisioning(known->state, command);
    if (!next) return next.error();
    if (*next == known->state) return *known;
    ProvisioningState const changed{*next, ""};
    if (auto stored = store_provisioning(dir, changed); !stored) return stored.error();
    return changed;
}

}  // namespace adaos::identity

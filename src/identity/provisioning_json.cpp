#include "base/json.hpp"
#include "base/problem.hpp"
#include "identity/provisioning.hpp"
#include "store/atomic_file.hpp"

#include <system_error>

namespace adaos::identity {

Result<ProvisioningState> load_provisioning(BaseDir const& dir) {
    auto const text = store::read_file(dir.provisioning_json());
    if (!text) return text.error();
    if (!*text) return ProvisioningState();
    auto const json = parse_json(**text);
    auto const state =
        json ? parse_provisioning(string_or_empty(*json, "state")) : std::optional<Provisioning>();
    if (!state || *state == Provisioning::unprovisioned)
        return ProvisioningState{Provisioning::error, "state/provisioning.json is damaged"};
    return ProvisioningState{*state, string_or_empty(*json, "cause")};
}

Result<void> store_provisioning(BaseDir const& dir, ProvisioningState const& state) {
    auto const path = dir.provisioning_json();
    if (state.state == Provisioning::unprovisioned) {
        std::error_code failed;
        std::filesystem::remove(path, failed);
        if (failed)
            return Error(Problem::state_unreadable, path.string() + ": " + failed.message());
        return {};
    }
    Json json;
    json["state"] = provisioning_name(state.state);
    if (!state.cause.empty()) json["cause"] = state.cause;
    return store::write_file(path, dump_pretty(json) + "\n", store::Mode::secret);
}

}  // namespace adaos::identity

#pragma once
/// Where a node keeps its state, and the names of the files there.

#include "base/error.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace adaos::identity {

/// `ADAOS_BASE_DIR`, else (ENV_TYPE=dev) `<cwd>/.adaos` + ADAOS_BASE_DIR_SUFFIX, else `BASE_DIR`,
/// else `~/.adaos`. `env` looks a variable up. An explicit flag comes before all of it.
using Env = std::function<std::optional<std::string>(char const* name)>;
[[nodiscard]] Result<std::filesystem::path> find_base_dir(std::optional<std::string> const& flag,
                                                          Env const& env);

/// Every path under a node's base directory. `open` makes the folders (0700).
struct BaseDir {
    std::filesystem::path root;
    static Result<BaseDir> open(std::filesystem::path root);

    [[nodiscard]] std::filesystem::path node_yaml() const { return root / "node.yaml"; }
    [[nodiscard]] std::filesystem::path join_codes() const { return root / "join_codes.json"; }
    [[nodiscard]] std::filesystem::path keys() const { return root / "keys"; }
    [[nodiscard]] std::filesystem::path state() const { return root / "state"; }
    [[nodiscard]] std::filesystem::path runtime_json() const {
        return state() / "node_runtime.json";
    }
    [[nodiscard]] std::filesystem::path runtime_lock() const {
        return state() / "node_runtime.lock";
    }
    [[nodiscard]] std::filesystem::path database() const { return state() / "adaos.db"; }
    [[nodiscard]] std::filesystem::path mac_key() const { return keys() / "code_mac.key"; }
    [[nodiscard]] std::filesystem::path provisioning_json() const {
        return state() / "provisioning.json";
    }
    [[nodiscard]] std::filesystem::path services_json() const { return state() / "services.json"; }
    [[nodiscard]] std::filesystem::path services_lock() const { return state() / "services.lock"; }
    [[nodiscard]] std::filesystem::path serve_lock() const { return state() / "serve.lock"; }
    [[nodiscard]] std::filesystem::path serve_json() const { return state() / "serve.json"; }
    [[nodiscard]] std::filesystem::path join_journal() const {
        return state() / "join_attempt.json";
    }
    // Credentials of the node; one set for a hub, another for a member.
    [[nodiscard]] std::filesystem::path hub_key() const { return keys() / "hub_private.pem"; }
    [[nodiscard]] std::filesystem::path hub_cert() const { return keys() / "hub_cert.pem"; }
    [[nodiscard]] std::filesystem::path issuer_key() const { return keys() / "issuer_private.pem"; }
    [[nodiscard]] std::filesystem::path issuer_cert() const { return keys() / "issuer_cert.pem"; }
    [[nodiscard]] std::filesystem::path member_key() const { return keys() / "member_private.pem"; }
    [[nodiscard]] std::filesystem::path member_cert() const { return keys() / "member_cert.pem"; }
    [[nodiscard]] std::filesystem::path anchors() const { return keys() / "ca.cert"; }
    /// Apart from the hub's, so that a join that dies half-way leaves the old role intact.
    [[nodiscard]] std::filesystem::path member_anchors() const { return keys() / "member_ca.cert"; }
    [[nodiscard]] std::filesystem::path join_lock() const { return state() / "join.lock"; }
};

}  // namespace adaos::identity

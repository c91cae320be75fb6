#pragma once
/// What an authority's operator sets for machines that are let in by invite or bootstrap token:
/// variables of the server's environment. docs/tasks/add-hosts.md, docs/tasks/bootstrap-nodes.md.

#include "base/error.hpp"
#include "enrol/overlay.hpp"
#include "identity/base_dir.hpp"

#include <filesystem>
#include <string>

namespace adaos::api {

struct HostSettings {
    enrol::OverlayNet overlay;         ///< ADAOS_OVERLAY_NETWORK, 10.77.0.0/16 unless told
    std::string cp_wg_public_key;      ///< ADAOS_WG_PUBLIC_KEY; may be empty
    std::string cp_endpoint;           ///< ADAOS_WG_ENDPOINT, "host:51820"; may be empty
    std::filesystem::path dist;        ///< ADAOS_DIST_DIR, else `dist` in the base folder
    std::filesystem::path peers_conf;  ///< state/wireguard/peers.conf

    std::filesystem::path package;  ///< NODE_BOOTSTRAP_PACKAGE, a .tar.gz; empty: none
    std::string package_ref;        ///< NODE_BOOTSTRAP_PACKAGE_REF, else the file's name
    bool installs_runtime = true;   ///< NODE_BOOTSTRAP_INSTALL_CONTAINER_RUNTIME
    std::string runtime_package;    ///< NODE_BOOTSTRAP_CONTAINER_RUNTIME_PACKAGE, docker.io
    std::string resolve_address;    ///< NODE_BOOTSTRAP_RESOLVE_ADDRESS; may be empty
    std::string api_url;            ///< NODE_BOOTSTRAP_API_URL, else the server's own
    std::string node_api_url;       ///< NODE_BOOTSTRAP_NODE_API_URL, else `api_url`
    std::string task_key;           ///< NODE_BOOTSTRAP_TASK_SIGNING_PUBLIC_KEY; may be empty
    std::string agent_service;      ///< NODE_BOOTSTRAP_SERVICE, adaos-agent.service
    /// NODE_BOOTSTRAP_REGISTRY_CREDENTIAL_FILE: JSON, 0600; empty: no credential is handed out.
    std::filesystem::path registry_file;
};
/// `base`: the server's folder. Errors: config_invalid, naming the variable.
[[nodiscard]] Result<HostSettings> read_host_settings(identity::Env const& variables,
                                                      std::filesystem::path const& base);
/// Of this process.
[[nodiscard]] identity::Env process_environment();

}  // namespace adaos::api

#pragma once
/// What `agent serve` needs on disk, checked as a whole.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "node/agent_config.hpp"
#include "node/agent_files.hpp"
#include "pki/certificate.hpp"

#include <filesystem>
#include <string>

namespace adaos::node {

struct AgentMaterial {
    AgentConfig config;
    std::string cert_pem, ca_pem, ca_fingerprint;
    Secret key_pem;
    pki::NodeIdentity who;
    std::string cert_fingerprint;
    WallTime renew_at{};  ///< the middle of the certificate's life
    WallTime ends_at{};
    /// The three files are where `agent bootstrap` puts them, so that they can be renewed.
    bool is_renewable = false;
};

/// Where the files of a renewable agent are.
[[nodiscard]] AgentFolder agent_folder(AgentConfig const& config);

/// Reads agent.yaml and the three files that it names: they parse, the key fits the certificate,
/// the CA signed it. Whether the certificate's time is over is the caller's to look at. A set that
/// a bootstrap has staged is moved to its place first. Errors: the first file that is wrong, by its
/// path.
[[nodiscard]] Result<AgentMaterial> load_agent_material(std::filesystem::path const& config_path,
                                                        WallTime now);

}  // namespace adaos::node

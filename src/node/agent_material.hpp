#pragma once
/// What `agent serve` needs on disk, checked as a whole.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "node/agent_config.hpp"
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
};

/// Reads agent.yaml and the three files that it names: they parse, the key fits the certificate,
/// the CA signed it, its time is now. A set that a bootstrap has staged is moved to its place
/// first. Errors: the first file that is wrong, by its path.
[[nodiscard]] Result<AgentMaterial> load_agent_material(std::filesystem::path const& config_path,
                                                        WallTime now);

}  // namespace adaos::node

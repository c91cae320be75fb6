#pragma once
/// The options of `agent bootstrap`, looked at before anything is touched or sent.

#include "net/http_client.hpp"
#include "node/agent_config.hpp"
#include "node/command.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace adaos::node {

/// The variables that a join token's text names.
inline constexpr char const* token_variable = "OTHERIX_BOOTSTRAP__TOKEN";
inline constexpr char const* pin_variable = "OTHERIX_BOOTSTRAP__CA_FINGERPRINT";

struct AgentBootstrapOptions {
    cli::SecretOption token{"--token", "join token", token_variable, "--token-path"};
    std::optional<std::string> ca_fingerprint;
    std::string cp_url, node_name, advertised_endpoint, migration_host;
    int migration_port_range_start = 49152;
    int migration_port_range_end = 49251;
    std::string cert_dir = "/var/lib/otherix/certs";
    std::string config_path = "/etc/otherix/agent.yaml";
    std::string listen = "0.0.0.0:9443";
    std::string heartbeat_interval = "30s";
    std::string request_timeout = "30s";
    bool force = false;
};
[[nodiscard]] int command_agent_bootstrap(Context& context, AgentBootstrapOptions const& options);

struct AgentServeOptions {
    std::string config = "/etc/otherix/agent.yaml";
};
[[nodiscard]] int command_agent_serve(Context& context, AgentServeOptions const& options);

struct AgentWish {
    net::Url control_plane;
    std::string pin;  ///< canonical
    AgentConfig config;
    std::filesystem::path cert_dir, config_path;
    std::chrono::seconds request_timeout{30};
    bool force = false;
};
/// Everything but the token. Errors: invalid_option with the option's name.
[[nodiscard]] Result<AgentWish> check_agent_options(Context& context,
                                                    AgentBootstrapOptions const& options);
}  // namespace adaos::node

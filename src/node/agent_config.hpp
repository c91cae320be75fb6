#pragma once
/// agent.yaml: what `agent serve` runs by. Pure.

#include "base/error.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace adaos::node {

struct AgentConfig {
    std::string listen;  ///< address:port
    std::string control_plane_url;
    std::string node_name;
    std::chrono::seconds heartbeat_interval{30};
    std::chrono::seconds request_timeout{30};
    std::string key_path, cert_path, ca_path;
    std::string advertised_endpoint;
    std::string migration_host;
    int migration_port_range_start = 49152;
    int migration_port_range_end = 49251;
    [[nodiscard]] bool operator==(AgentConfig const&) const = default;
};

/// Errors: config_invalid, the field's name first, with dashes as in the options.
[[nodiscard]] Result<void> check_agent_config(AgentConfig const& config);
/// The file that bootstrap writes: flat, a comment to each value.
[[nodiscard]] std::string agent_yaml(AgentConfig const& config);
/// What agent_yaml writes, and what people make of it: `key: value` lines, plain or in double
/// quotes, comments. Errors: config_broken with the line; config_invalid as above.
[[nodiscard]] Result<AgentConfig> parse_agent_yaml(std::string_view text);

/// The two parts of `address:port`; IPv6 in brackets.
struct ListenAt {
    std::string host;
    std::uint16_t port = 0;
};
[[nodiscard]] Result<ListenAt> parse_listen(std::string_view text);

}  // namespace adaos::node

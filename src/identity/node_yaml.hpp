#pragma once
/// What `parse_node_yaml` knows beyond the values: which keys were there. For loading only.

#include "identity/node_config.hpp"

namespace adaos::identity {

/// Largest node.yaml accepted. Ours is under 1 KiB; unknown keys need some room.
inline constexpr std::size_t max_node_yaml_bytes = 64 * 1024;
/// Deepest nesting accepted in it.
inline constexpr std::size_t max_node_yaml_depth = 32;

struct ParsedYaml {
    NodeConfig config;
    bool has_role = false;
};

/// Errors: config_broken (no YAML, or more of it than we accept), config_invalid (a value).
[[nodiscard]] Result<ParsedYaml> parse_yaml(std::string_view text);

}  // namespace adaos::identity

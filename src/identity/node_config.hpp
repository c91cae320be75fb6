#pragma once
/// `node.yaml`: who this node is. Static, no secret. Commented example: state/node.yaml.example

#include "base/error.hpp"
#include "base/random.hpp"
#include "identity/base_dir.hpp"

#include <optional>
#include <string>
#include <vector>

namespace adaos::identity {

enum class Role { hub, member };
[[nodiscard]] std::string_view role_name(Role role) noexcept;
[[nodiscard]] std::optional<Role> parse_role(std::string_view text) noexcept;

struct NodeConfig {
    std::string node_id;    ///< UUIDv4, made at first start
    std::string subnet_id;  ///< "sn_" + 8 hex; a hub's provisional one until it registers
    Role role = Role::hub;
    std::string zone_id;                  ///< two letters or empty
    std::vector<std::string> node_names;  ///< at most 8 of at most 80 chars, case-folded dedupe
    std::string hub_url;                  ///< members: durable copy of where the hub is
    std::string hub_node_id;              ///< members: whose certificate the hub must show
    std::string local_api_url;
    std::string root_base_url;        ///< empty: not registered at a Root
    std::string root_ca_fingerprint;  ///< pin of Root's CA; empty: public trust
    /// Keys we do not know, kept on rewrite: YAML text of a mapping.
    std::string extra_yaml;
};

/// What loading found; the caller reports it.
struct LoadedConfig {
    NodeConfig config;
    bool created = false;   ///< no file was there: a fresh hub, already written
    std::string set_aside;  ///< path of the broken file's copy; not empty: role and ids were
                            ///< recovered from runtime state and certificates
};
/// Reads, or makes a fresh one. Broken YAML is copied to node.yaml.invalid and the identity
/// recovered (runtime state, then certificates); when nothing tells the role,
/// Problem::config_broken: a member never silently becomes a hub. A value out of grammar:
/// Problem::config_invalid naming key and line.
[[nodiscard]] Result<LoadedConfig> load_config(BaseDir const& dir, Random& random);
/// What `load_config` would return, without writing anything: for commands that may yet fail. The
/// ids of a fresh node (`created`) are new at every call.
[[nodiscard]] Result<LoadedConfig> plan_config(BaseDir const& dir, Random& random);
/// Only reads. Absent when there is no file.
[[nodiscard]] Result<std::optional<NodeConfig>> peek_config(BaseDir const& dir);
[[nodiscard]] Result<void> save_config(BaseDir const& dir, NodeConfig const& config);
/// Puts `name` before the node's other names and saves. Errors: as `load_config`.
[[nodiscard]] Result<void> name_node(BaseDir const& dir, std::string const& name, Random& random);
void put_name_first(NodeConfig& config, std::string const& name);

/// Pure halves, for tests and fuzzing.
[[nodiscard]] Result<NodeConfig> parse_node_yaml(std::string_view text);
[[nodiscard]] std::string to_yaml(NodeConfig const& config);

/// Zones: "de", "europe" -> "eu", …; spec 2.7. Errors: invalid_field.
[[nodiscard]] Result<std::string> canonical_zone(std::string_view text);

}  // namespace adaos::identity

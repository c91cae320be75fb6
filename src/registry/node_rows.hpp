#pragma once
/// Rows of the table `nodes`, read: what nodes.cpp and node_axes.cpp share. Internal to registry.

#include "registry/nodes.hpp"

namespace adaos::registry {

/// "SELECT <every column> FROM nodes " and `rest`.
[[nodiscard]] std::string select_nodes(std::string_view rest);
/// `change` and " RETURNING <every column>": the row as it is now, without a second look.
[[nodiscard]] std::string returning_node(std::string_view change);
[[nodiscard]] Result<std::optional<Node>> read_one(store::Statement row);
/// Of `returning_node`: the row, once the change has ended as well. Outside a transaction it is not
/// even committed before.
[[nodiscard]] Result<std::optional<Node>> read_changed(store::Statement row);
[[nodiscard]] Result<std::vector<Node>> read_all(store::Statement rows);
/// Fills the axes and the inventory from the columns that begin at `first`. Errors: state_damaged.
inline constexpr std::string_view axes_columns =
    "enrolment, provisioning, provisioning_cause, scheduling, cordoned_at, cordoned_by, "
    "architecture, agent_version, advertised_endpoint, migration_host, migration_port_start, "
    "migration_port_end, labels_json, hardware_json";
[[nodiscard]] Result<void> read_axes(store::Statement const& row, int first, Node& into);
[[nodiscard]] std::optional<std::int64_t> optional_millis(std::optional<WallTime> const& t);
[[nodiscard]] std::optional<WallTime> optional_time(store::Statement const& row, int column);

}  // namespace adaos::registry

#pragma once
/// The commands for nodes of a subnet: `node list|get|cordon|uncordon|pause|resume|drain|delete`.

#include "api/node_office.hpp"
#include "node/command.hpp"
#include "node/nodes_text.hpp"

#include <optional>
#include <string>

namespace adaos::node {

struct NodeListOptions {
    std::optional<std::string> architecture, status, cursor;
    int limit = 20;
    bool show_ids = false;
    std::string output;  ///< "table" or "json"; empty: by --json
};
[[nodiscard]] int command_node_list(Context& context, NodeListOptions const& options);

struct NodeGetOptions {
    std::string name;
    bool show_ids = false;
    std::string output;  ///< "text" or "json"; empty: by --json
};
[[nodiscard]] int command_node_get(Context& context, NodeGetOptions const& options);

struct NodeDeleteOptions {
    std::string who;  ///< a name or an id
    bool force = false;
};
[[nodiscard]] int command_node_delete(Context& context, NodeDeleteOptions const& options);

/// Every other command that changes a node.
[[nodiscard]] int command_node_operate(Context& context, api::NodeCommand command,
                                       std::string const& name);

}  // namespace adaos::node

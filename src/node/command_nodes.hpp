#pragma once
/// The commands for nodes of a subnet: `node list|get|cordon|uncordon|pause|resume|drain|delete`.
/// Each asks the running hub, or with --server another hub or a Root.

#include "api/node_office.hpp"
#include "node/ask_hub.hpp"
#include "node/nodes_text.hpp"

#include <optional>
#include <string>

namespace adaos::node {

struct NodeListOptions {
    SubnetTarget target;
    std::optional<std::string> architecture, status, cursor;
    int limit = 20;
    bool show_ids = false;
    std::string output;  ///< "table" or "json"; empty: by --json
};
[[nodiscard]] int command_node_list(Context& context, NodeListOptions const& options);

struct NodeGetOptions {
    SubnetTarget target;
    std::string name;
    bool show_ids = false;
    std::string output;  ///< "text" or "json"; empty: by --json
};
[[nodiscard]] int command_node_get(Context& context, NodeGetOptions const& options);

struct NodeDeleteOptions {
    SubnetTarget target;
    std::string who;  ///< a name or an id
    bool force = false;
};
[[nodiscard]] int command_node_delete(Context& context, NodeDeleteOptions const& options);

struct NodeOperateOptions {
    SubnetTarget target;
    std::string name;
};
/// Every other command that changes a node.
[[nodiscard]] int command_node_operate(Context& context, api::NodeCommand command,
                                       NodeOperateOptions const& options);

}  // namespace adaos::node

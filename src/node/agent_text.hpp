#pragma once
/// What `agent bootstrap` says when it is done. Pure.

#include <string>

namespace adaos::node {

struct AgentDone {
    std::string node_id, node_name, subnet_id;
    bool was_there = false;  ///< nothing was asked of anybody
    bool is_replayed = false;
    bool has_written_config = false;
    std::string config_path;
    bool has_kept_key = false;  ///< the name is its key's, and the token for no name
};
[[nodiscard]] std::string agent_text(AgentDone const& done);
/// adaos.agent-bootstrap/v1
[[nodiscard]] std::string agent_json(AgentDone const& done);

}  // namespace adaos::node

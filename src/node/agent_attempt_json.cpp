#include "base/json.hpp"
#include "base/problem.hpp"
#include "node/agent_files.hpp"

namespace adaos::node {

std::string to_json(AgentAttempt const& attempt) {
    Json json;
    json["v"] = 1;
    json["redeem_id"] = attempt.redeem_id;
    json["control_plane"] = attempt.control_plane;
    json["node_name"] = attempt.node_name;
    json["token_mac"] = attempt.token_mac;
    return dump(json) + "\n";
}

Result<AgentAttempt> parse_agent_attempt(std::string_view text) {
    auto const json = parse_json(text);
    if (!json || !json->is_object() || find_integer(*json, "v") != 1)
        return Error(Problem::state_damaged, "attempt.json");
    AgentAttempt out{string_or_empty(*json, "redeem_id"), string_or_empty(*json, "control_plane"),
                     string_or_empty(*json, "node_name"), string_or_empty(*json, "token_mac")};
    if (out.redeem_id.empty() || out.token_mac.empty())
        return Error(Problem::state_damaged, "attempt.json");
    return out;
}

}  // namespace adaos::node

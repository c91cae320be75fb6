#include "base/json.hpp"
#include "node/agent_text.hpp"

namespace adaos::node {

std::string agent_text(AgentDone const& done) {
    std::string out = done.was_there ? "already bootstrapped\n"
                                     : "node " + done.node_name + " is enrolled as " +
                                           done.node_id + " in " + done.subnet_id + "\n";
    if (done.is_replayed) out += "the answer to an earlier try was fetched once more\n";
    if (done.has_kept_key)
        out += "the key that was here is kept: only a token made for this name takes another\n";
    out += (done.has_written_config ? "written: " : "kept: ") + done.config_path + "\n";
    if (!done.was_there) out += "next: adaos agent serve --config " + done.config_path + "\n";
    return out;
}

std::string agent_json(AgentDone const& done) {
    Json json;
    json["schema"] = "adaos.agent-bootstrap/v1";
    json["already_bootstrapped"] = done.was_there;
    json["node_name"] = done.node_name;
    if (!done.was_there) {
        json["node_id"] = done.node_id;
        json["subnet_id"] = done.subnet_id;
        json["replayed"] = done.is_replayed;
        json["key_kept"] = done.has_kept_key;
    }
    json["config_path"] = done.config_path;
    json["config_written"] = done.has_written_config;
    return dump(json) + "\n";
}

}  // namespace adaos::node

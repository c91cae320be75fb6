#include "base/json.hpp"
#include "node/joined.hpp"

namespace adaos::node {

std::string to_json(Joined const& joined) {
    Json json;
    json["schema"] = "adaos.join/v1";
    json["ok"] = true;
    json["node_id"] = joined.node_id;
    json["subnet_id"] = joined.subnet_id;
    json["node_name"] = joined.node_name.empty() ? Json() : Json(joined.node_name);
    json["role"] = "member";
    json["hub_url"] = joined.hub_url;
    json["root_url"] = joined.root_url;
    json["join_url"] = joined.join_url.empty() ? Json() : Json(joined.join_url);
    json["reused"] = joined.is_reused();
    auto const& activation = joined.activation;
    Json& into = json["activation"];
    into["attempted"] = activation.attempted;
    into["ok"] = activation.ok;
    into["control"] = activation.control.empty() ? Json() : Json(activation.control);
    if (!activation.ok) into[activation.attempted ? "error" : "reason"] = activation.reason;
    return dump(json) + "\n";
}

std::string to_text(Joined const& joined) {
    auto out = joined.is_reused() ? "Already a member of " + joined.subnet_id +
                                        ": the code was not used, nothing changed.\n"
                                  : "Joined subnet " + joined.subnet_id + ".\n";
    out += "  Node ID  " + joined.node_id + '\n';
    if (!joined.node_name.empty()) out += "  Name     " + joined.node_name + '\n';
    out += "  Hub      " + joined.hub_url + '\n';
    if (joined.is_reused()) return out;
    if (joined.activation.ok)
        out += "The running node has taken the membership up.\n";
    else if (joined.activation.attempted)
        out += "The running node did not answer (" + joined.activation.reason +
               "); it looks at node.yaml every second.\n";
    else
        out += "Start the node: adaos api serve\n";
    return out;
}

}  // namespace adaos::node

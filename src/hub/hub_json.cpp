#include "hub/hub_json.hpp"

#include "base/json_body.hpp"
#include "base/problem.hpp"
#include "link/uplink_json.hpp"

namespace adaos::hub {

Result<std::vector<registry::Node>> parse_nodes_answer(std::string_view text) {
    auto const json = parse_json(text);
    if (!json) return json.error();
    if (!json->is_object() || !json->contains("nodes"))
        return Error(Problem::bad_answer, "no nodes in the answer");
    return registry::nodes_from_json(dump((*json)["nodes"]));
}

std::string arrived_params(std::vector<std::string> const& node_ids) {
    Json json;
    json["node_ids"] = node_ids;
    return dump(json);
}

Result<CodeRequest> parse_code_request(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    CodeRequest out;
    out.ttl_minutes = static_cast<int>(body->integer("ttl_minutes", 1, 60, 15));
    out.length = static_cast<int>(body->integer("length", 8, 12, 8));
    if (out.length % 2 != 0) body->refuse("length", "8, 10 or 12 are allowed");
    auto const mode = body->text("mode", 8, "root");
    if (mode != "root" && mode != "local") body->refuse("mode", "root or local");
    out.local = mode == "local";
    if (auto const fine = body->check(); !fine) return fine.error();
    return out;
}

Result<CodeAnswer> parse_root_code(std::string_view text) {
    auto const json = parse_json(text);
    if (!json) return json.error();
    CodeAnswer out;
    out.mode = "root";
    out.code = string_or_empty(*json, "code");
    out.root_url = string_or_empty(*json, "root_url");
    out.expires_at_utc = string_or_empty(*json, "expires_at_utc");
    out.ca_fingerprint = string_or_empty(*json, "ca_fingerprint");
    out.grant_id = string_or_empty(*json, "grant_id");
    if (out.code.empty()) return Error(Problem::bad_answer, "no code in Root's answer");
    return out;
}

std::string code_json(CodeAnswer const& answer) {
    Json json;
    json["ok"] = true;
    json["mode"] = answer.mode;
    json["code"] = answer.code;
    json["subnet_id"] = answer.subnet_id;
    if (!answer.root_url.empty()) json["root_url"] = answer.root_url;
    json["expires_at_utc"] = answer.expires_at_utc;
    json["ca_fingerprint"] = answer.ca_fingerprint;
    json["grant_id"] = answer.grant_id;
    return dump(json) + "\n";
}

std::string status_json(HubStatus const& status) {
    Json json;
    json["schema"] = "adaos.node-status/v1";
    json["node_id"] = status.node_id;
    json["subnet_id"] = status.subnet_id;
    json["role"] = "hub";
    json["node_name"] = status.name;
    json["hub_url"] = nullptr;
    json["ready"] = !status.draining;
    json["route_mode"] = "hub";
    json["connected_to_subnet"] = nullptr;
    json["connected_to_hub"] = nullptr;
    json["connected_to_root"] = status.registered ? Json(status.root_connected) : Json();
    Json cause;
    if (status.draining)
        cause = "the node is stopping";
    else if (status.registered && !status.root_connected)
        cause = "no link to Root: " + (status.root.last_error.empty()
                                           ? std::string(link::phase_name(status.root.phase))
                                           : status.root.last_error);
    json["cause"] = cause;
    json["link"] = status.registered ? link::to_json(status.root) : Json();
    return dump(json) + "\n";
}

std::string members_json(std::string const& subnet_id, std::vector<registry::Node> const& nodes,
                         link::Downlinks const& links) {
    Json json;
    json["schema"] = "adaos.node-members/v1";
    json["subnet_id"] = subnet_id;
    json["members"] = Json::array();
    for (auto const& node : nodes) {
        if (node.role != "member") continue;
        auto const* const entry = links.entry(node.node_id);
        Json row;
        row["node_id"] = node.node_id;
        row["name"] = node.name;
        row["hostname"] = node.hostname;
        row["role"] = node.role;
        row["state"] = entry != nullptr ? "connected" : "offline";
        row["since"] = entry != nullptr ? Json(rfc3339(entry->since)) : Json();
        row["last_seen_at"] = node.last_seen_at ? Json(rfc3339(*node.last_seen_at)) : Json();
        row["created_at"] = rfc3339(node.created_at);
        row["issued_by"] = node.issued_by;
        json["members"].push_back(row);
    }
    return dump(json) + "\n";
}

}  // namespace adaos::hub

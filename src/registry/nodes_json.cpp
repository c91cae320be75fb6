#include "base/json.hpp"
#include "base/problem.hpp"
#include "registry/nodes.hpp"

namespace adaos::registry {
namespace {

Json time_json(std::optional<WallTime> const& t) {
    return t ? Json(rfc3339(*t)) : Json(nullptr);
}

Json node_json(Node const& n) {
    Json out = Json::object();
    out["node_id"] = n.node_id;
    out["subnet_id"] = n.subnet_id;
    out["role"] = n.role;
    out["name"] = n.name;
    out["hostname"] = n.hostname;
    out["zone"] = n.zone;
    out["spki_sha256"] = n.spki_sha256;
    out["issued_by"] = n.issued_by;
    out["created_at"] = rfc3339(n.created_at);
    out["updated_at"] = rfc3339(n.updated_at);
    out["updated_ms"] = to_millis(n.updated_at);
    out["first_hello_at"] = time_json(n.first_hello_at);
    out["last_seen_at"] = time_json(n.last_seen_at);
    out["removed_at"] = time_json(n.removed_at);
    return out;
}

/// Absent: not there, null, or no time that we wrote.
std::optional<WallTime> find_time(Json const& object, std::string_view key) {
    auto const text = find_string(object, key);
    if (!text) return std::nullopt;
    auto const t = parse_rfc3339(*text);
    if (t == WallTime{}) return std::nullopt;
    return t;
}

Result<Node> node_from(Json const& object) {
    Node n;
    n.node_id = string_or_empty(object, "node_id");
    n.subnet_id = string_or_empty(object, "subnet_id");
    n.role = string_or_empty(object, "role");
    n.name = string_or_empty(object, "name");
    n.hostname = string_or_empty(object, "hostname");
    n.zone = string_or_empty(object, "zone");
    n.spki_sha256 = string_or_empty(object, "spki_sha256");
    n.issued_by = string_or_empty(object, "issued_by");
    auto const created = find_time(object, "created_at");
    if (!created) return Error(Problem::invalid_field, "created_at");
    n.created_at = *created;
    auto const updated_ms = find_integer(object, "updated_ms");
    auto const updated = find_time(object, "updated_at");
    if (updated_ms && *updated_ms > 0)
        n.updated_at = from_millis(*updated_ms);
    else if (updated)
        n.updated_at = *updated;
    else
        return Error(Problem::invalid_field, "updated_at");
    n.first_hello_at = find_time(object, "first_hello_at");
    n.last_seen_at = find_time(object, "last_seen_at");
    n.removed_at = find_time(object, "removed_at");
    if (n.name.empty()) return Error(Problem::invalid_field, "name");
    if (auto ok = check_node(n); ok.has_error()) return ok.error();
    return n;
}

}  // namespace

std::string to_json(std::vector<Node> const& nodes) {
    Json out = Json::array();
    for (auto const& n : nodes) out.push_back(node_json(n));
    return dump(out);
}

Result<std::vector<Node>> nodes_from_json(std::string_view text) {
    auto const parsed = parse_json(text);
    if (parsed.has_error()) return with_context(parsed.error(), "nodes");
    if (!parsed->is_array()) return Error(Problem::bad_request, "nodes: not an array");
    if (parsed->size() > max_json_nodes) return Error(Problem::bad_request, "nodes: too many rows");
    std::vector<Node> nodes;
    nodes.reserve(parsed->size());
    for (auto const& object : *parsed) {
        auto node = node_from(object);
        if (node.has_error())
            return with_context(node.error(), "node " + std::to_string(nodes.size() + 1));
        nodes.push_back(std::move(*node));
    }
    return nodes;
}

}  // namespace adaos::registry

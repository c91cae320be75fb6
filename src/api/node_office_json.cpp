#include "api/node_office.hpp"
#include "api/nodes_door.hpp"
#include "base/json_body.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"

#include <charconv>

namespace adaos::api {
namespace {

constexpr std::size_t max_actor_bytes = 128;

Json time_json(std::optional<WallTime> const& t) {
    return t ? Json(rfc3339(*t)) : Json();
}

void put(Json& json, char const* key, std::string_view text) {
    if (!text.empty()) json[key] = text;
}

Json object_of(std::string const& text) {
    auto const json = parse_json(text);
    return json && json->is_object() ? *json : Json::object();
}

/// O45: what everybody sees.
Json summary(ShownNode const& shown, registry::Words const& words) {
    auto const& node = shown.node;
    Json json;
    json["id"] = node.node_id;
    json["name"] = node.name;
    auto const& architecture = node.inventory.architecture;
    json["architecture"] = architecture.empty() ? Json() : Json(architecture);
    json["status"] = words.status;
    json["cordoned_at"] = time_json(node.cordoned_at);
    json["labels"] = object_of(node.inventory.labels_json);
    json["created_at"] = rfc3339(node.created_at);
    return json;
}

void add_details(Json& json, ShownNode const& shown, WallTime now) {
    auto const words = registry::words(shown.axes, now);
    auto const& node = shown.node;
    auto const& what = node.inventory;
    json["role"] = node.role;
    json["subnet_id"] = node.subnet_id;
    json["enrolment"] = registry::enrolment_name(node.enrolment);
    json["provisioning"] = identity::provisioning_name(node.provisioning);
    put(json, "provisioning_cause", node.provisioning_cause);
    json["scheduling"] = registry::scheduling_name(node.scheduling);
    put(json, "cordoned_by", node.cordoned_by);
    json["liveness"] = registry::liveness_name(registry::liveness(shown.axes, now));
    json["last_heartbeat_at"] = time_json(node.last_seen_at);
    json["placeable"] = words.placeable;
    json["row"] = words.row;
    json["ready"] = words.ready;
    json["route_mode"] = words.route_mode;
    put(json, "hostname", node.hostname);
    put(json, "zone", node.zone);
    put(json, "agent_version", what.agent_version);
    put(json, "advertised_endpoint", what.advertised_endpoint);
    put(json, "migration_host", what.migration_host);
    if (what.migration_port_start) json["migration_port_range_start"] = *what.migration_port_start;
    if (what.migration_port_end) json["migration_port_range_end"] = *what.migration_port_end;
    if (!what.hardware_json.empty()) json["hardware"] = object_of(what.hardware_json);
}

Json shown_json(ShownNode const& shown, enrol::Scope scope, WallTime now) {
    auto const words = registry::words(shown.axes, now);
    auto json = summary(shown, words);
    if (scope >= enrol::Scope::operate) add_details(json, shown, now);
    return json;
}

}  // namespace

std::string node_json(ShownNode const& shown, enrol::Scope scope, WallTime now) {
    Json json;
    json["schema"] = "adaos.node/v1";
    json.update(shown_json(shown, scope, now));
    return dump(json);
}

std::string list_json(std::vector<ShownNode> const& nodes, enrol::Scope scope, WallTime now,
                      std::string const& next_cursor) {
    Json json;
    json["schema"] = "adaos.nodes/v1";
    json["data"] = Json::array();
    for (auto const& shown : nodes) json["data"].push_back(shown_json(shown, scope, now));
    json["meta"]["next_cursor"] = next_cursor.empty() ? Json() : Json(next_cursor);
    return dump(json) + "\n";
}

std::string busy_json(Error const& error) {
    auto json = object_of(net::problem_json(error));
    Json resources = Json::object();
    std::string_view rest = error.context;
    // The context is a blocking_text; over a link a prefix may stand before it.
    while (!rest.empty()) {
        auto const comma = std::min(rest.find(", "), rest.size());
        auto const one = rest.substr(0, comma);
        rest.remove_prefix(std::min(comma + 2, rest.size()));
        auto const equals = one.find('=');
        if (equals == std::string_view::npos) continue;
        std::uint64_t count = 0;
        std::from_chars(one.data() + equals + 1, one.data() + one.size(), count);
        resources[std::string(one.substr(0, equals))] = count;
    }
    json["details"]["blocking_resources"] = std::move(resources);
    json["details"]["force_available"] = true;
    return dump(json);
}

std::string to_json(OrderFor const& order) {
    Json json;
    json["node_id"] = order.node_id;
    json["command"] = command_name(order.order.command);
    json["force"] = order.order.force == NodeOrder::Force::yes;
    json["actor"] = order.order.actor;
    return dump(json);
}

Result<OrderFor> order_from_json(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    OrderFor out;
    out.node_id = body->text("node_id", 36);
    auto const command = parse_command(body->text("command", 16));
    out.order.actor = body->text("actor", max_actor_bytes);
    if (!is_node_id(out.node_id)) body->refuse("node_id", "a node id is needed");
    if (!command) body->refuse("command", "an unknown word");
    if (auto const fine = body->check(); !fine) return fine.error();
    out.order.command = *command;
    auto const json = parse_json(text);
    bool const force = json && find_bool(*json, "force").value_or(false);
    out.order.force = force ? NodeOrder::Force::yes : NodeOrder::Force::no;
    return out;
}

std::string to_json(identity::ProvisioningState const& state) {
    Json json;
    json["provisioning"] = identity::provisioning_name(state.state);
    put(json, "provisioning_cause", state.cause);
    return dump(json);
}

Result<identity::ProvisioningState> provisioning_from_json(std::string_view text) {
    auto const json = parse_json(text);
    auto const state = json ? identity::parse_provisioning(string_or_empty(*json, "provisioning"))
                            : std::optional<identity::Provisioning>();
    if (!state) return Error(Problem::bad_answer, "no provisioning state in the node's answer");
    return identity::ProvisioningState{*state, string_or_empty(*json, "provisioning_cause")};
}

std::string heard_json(Heard const& heard) {
    Json json;
    json["node_id"] = heard.node_id;
    json["heartbeat"] = object_of(heard.heartbeat_json);
    return dump(json);
}

Result<Heard> parse_heard(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    Heard heard;
    heard.node_id = body->text("node_id", 36);
    if (!is_node_id(heard.node_id)) body->refuse("node_id", "a UUID");
    auto said = body->object("heartbeat");
    if (auto const fine = body->check(); !fine) return fine.error();
    heard.heartbeat_json = said.source();
    if (heard.heartbeat_json.empty()) heard.heartbeat_json = "{}";
    return heard;
}

}  // namespace adaos::api

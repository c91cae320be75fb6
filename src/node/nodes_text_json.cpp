#include "base/json.hpp"
#include "base/problem.hpp"
#include "node/nodes_text.hpp"
#include "node/table.hpp"

#include <algorithm>
#include <array>

namespace adaos::node {
namespace {

Error no_node() {
    return Error(Problem::bad_answer, "the node's answer describes no node");
}

std::string or_dash(std::string text) {
    return text.empty() ? "-" : std::move(text);
}

std::string age_of(Json const& object, std::string_view key, WallTime now) {
    auto const time = parse_rfc3339(string_or_empty(object, key));
    return time == WallTime{} ? "-" : age_text(now - time);
}

bool is_cordoned(Json const& node) {
    return !string_or_empty(node, "cordoned_at").empty();
}

Result<Json> node_of(std::string_view body) {
    auto json = parse_json(body);
    if (!json || string_or_empty(*json, "name").empty()) return no_node();
    return json;
}

}  // namespace

std::string age_text(std::chrono::milliseconds age) {
    using namespace std::chrono;
    auto const whole = std::max(duration_cast<seconds>(age), seconds(0)).count();
    constexpr std::int64_t minute = 60;
    constexpr std::int64_t hour = 60 * minute;
    constexpr std::int64_t day = 24 * hour;
    if (whole < minute) return std::to_string(whole) + "s";
    if (whole < hour) return std::to_string(whole / minute) + "m";
    if (whole < day) return std::to_string(whole / hour) + "h";
    return std::to_string(whole / day) + "d";
}

Result<std::string> nodes_table(std::string_view body, ShowIds ids, WallTime now) {
    auto const json = parse_json(body);
    if (!json || !json->is_object() || !json->contains("data") || !(*json)["data"].is_array())
        return Error(Problem::bad_answer, "the node's answer lists no nodes");
    Table table;
    std::vector<std::string> head{"NAME", "ARCH", "STATUS", "CORDONED", "AGE"};
    if (ids == ShowIds::yes) head.insert(head.begin(), "ID");
    table.add(std::move(head));
    for (auto const& node : (*json)["data"]) {
        std::vector<std::string> row{
            string_or_empty(node, "name"), or_dash(string_or_empty(node, "architecture")),
            or_dash(string_or_empty(node, "status")), is_cordoned(node) ? "yes" : "no",
            age_of(node, "created_at", now)};
        if (ids == ShowIds::yes) row.insert(row.begin(), string_or_empty(node, "id"));
        table.add(std::move(row));
    }
    auto text = table.text();
    auto const meta = json->find("meta");
    auto const next = meta == json->end() ? std::string() : string_or_empty(*meta, "next_cursor");
    if (!next.empty()) text += "next_cursor: " + next + "\n";
    return text;
}

Result<std::string> node_text(std::string_view body, ShowIds ids, WallTime now) {
    auto const json = node_of(body);
    if (!json) return json.error();
    Table table;
    for (auto const& [key, value] : json->items()) {
        bool const empty = value.is_null() || (value.is_structured() && value.empty());
        if (empty || key == "schema" || (key == "id" && ids == ShowIds::no)) continue;
        auto text = value.is_string() ? value.get<std::string>() : dump(value);
        if (key == "last_heartbeat_at" || key == "created_at" || key == "cordoned_at")
            text += " (" + age_of(*json, key, now) + " ago)";
        table.add({key + ":", std::move(text)});
    }
    return table.text();
}

Result<std::string> node_line(std::string_view body) {
    auto const json = node_of(body);
    if (!json) return json.error();
    auto out = string_or_empty(*json, "name") + ": " + string_or_empty(*json, "status");
    auto const provisioning = string_or_empty(*json, "provisioning");
    if (!provisioning.empty() && provisioning != "provisioned") out += ", " + provisioning;
    auto const liveness = string_or_empty(*json, "liveness");
    if (!liveness.empty()) out += ", " + liveness;
    return out + "\n";
}

Result<std::string> name_of_node(std::string_view body) {
    auto const json = node_of(body);
    if (!json) return json.error();
    return string_or_empty(*json, "name");
}

std::string deleted_json(std::string_view name) {
    Json json;
    json["schema"] = "adaos.node-deleted/v1";
    json["ok"] = true;
    json["name"] = name;
    return dump(json) + "\n";
}

}  // namespace adaos::node

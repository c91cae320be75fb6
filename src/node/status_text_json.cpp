#include "base/json.hpp"
#include "base/problem.hpp"
#include "node/status_text.hpp"
#include "node/table.hpp"

#include <algorithm>

namespace adaos::node {
namespace {

constexpr char const* always[]{"node_id",
                               "subnet_id",
                               "role",
                               "hub_url",
                               "ready",
                               "route_mode",
                               "connected_to_subnet",
                               "connected_to_hub",
                               "cause"};

Json or_null(std::string const& text) {
    return text.empty() ? Json() : Json(text);
}

std::string plain(Json const& value) {
    if (value.is_null()) return "-";
    return value.is_string() ? value.get<std::string>() : dump(value);
}

}  // namespace

std::string offline_status(std::optional<identity::NodeConfig> const& config,
                           std::string_view cause) {
    Json json;
    json["schema"] = "adaos.node-status/v1";
    json["node_id"] = config ? or_null(config->node_id) : Json();
    json["subnet_id"] = config ? or_null(config->subnet_id) : Json();
    json["role"] = config ? Json(identity::role_name(config->role)) : Json();
    json["hub_url"] = config ? or_null(config->hub_url) : Json();
    for (auto const* key : {"ready", "route_mode", "connected_to_subnet", "connected_to_hub"})
        json[key] = nullptr;
    json["cause"] = cause;
    return dump(json) + "\n";
}

Result<std::string> online_status(std::string_view body) {
    auto json = parse_json(body);
    if (!json || string_or_empty(*json, "schema") != "adaos.node-status/v1")
        return Error(Problem::bad_answer, "this is no node's status");
    for (auto const* key : always)
        if (!json->contains(key)) (*json)[key] = nullptr;
    return dump(*json) + "\n";
}

std::string status_text(std::string_view status_json) {
    auto const json = parse_json(status_json);
    if (!json || !json->is_object()) return {};
    std::vector<std::pair<std::string, std::string>> rows;
    for (auto const& [key, value] : json->items()) {
        bool const shown = std::find(std::begin(always), std::end(always), key) != std::end(always);
        if (key == "schema" || value.is_structured()) continue;
        if (key == "cause" && value.is_null()) continue;  // all is as it should be
        if (shown || !value.is_null()) rows.emplace_back(key + ':', plain(value));
    }
    if (auto const link = json->find("link"); link != json->end() && link->is_object()) {
        for (auto const* key : {"phase", "upstream", "last_error", "next_try"}) {
            auto const text = string_or_empty(*link, key);
            if (!text.empty()) rows.emplace_back("link " + std::string(key) + ':', text);
        }
    }
    Table table;
    for (auto& [key, value] : rows) table.add({std::move(key), std::move(value)});
    return table.text();
}

Result<std::string> members_table(std::string_view body) {
    auto const json = parse_json(body);
    if (!json || !json->is_object() || !json->contains("members") || !(*json)["members"].is_array())
        return Error(Problem::bad_answer, "the node's answer lists no members");
    Table table;
    table.add({"NAME", "NODE ID", "STATE", "LAST SEEN"});
    for (auto const& row : (*json)["members"]) {
        auto seen = string_or_empty(row, "last_seen_at");
        table.add({string_or_empty(row, "name"), string_or_empty(row, "node_id"),
                   string_or_empty(row, "state"), seen.empty() ? "never" : std::move(seen)});
    }
    return table.text();
}

Result<ShownToken> shown_token(std::string_view body) {
    auto const json = parse_json(body);
    if (!json) return Error(Problem::bad_answer, "the node's answer is not JSON");
    ShownToken out;
    out.token = string_or_empty(*json, "token");
    if (out.token.empty()) return Error(Problem::bad_answer, "no token in the node's answer");
    Json shown;
    shown["schema"] = "adaos.access-token/v1";
    shown["ok"] = true;
    shown.update(*json);
    out.json = dump(shown) + "\n";
    out.summary = "token " + string_or_empty(*json, "id") + " \"" + string_or_empty(*json, "name") +
                  "\" with scope " + string_or_empty(*json, "scope") + " until " +
                  string_or_empty(*json, "expires_at") + "; it is not shown again";
    return out;
}

Result<std::string> tokens_list_json(std::string_view body) {
    auto const json = parse_json(body);
    if (!json || !json->is_object())
        return Error(Problem::bad_answer, "the node's answer is not JSON");
    Json shown;
    shown["schema"] = "adaos.access-tokens/v1";
    shown["ok"] = true;
    shown.update(*json);
    return dump(shown) + "\n";
}

Result<std::string> tokens_table(std::string_view body) {
    auto const json = parse_json(body);
    if (!json || !json->is_object() || !json->contains("tokens") || !(*json)["tokens"].is_array())
        return Error(Problem::bad_answer, "the node's answer lists no tokens");
    Table table;
    table.add({"ID", "NAME", "SCOPE", "EXPIRES", "STATE"});
    for (auto const& row : (*json)["tokens"]) {
        table.add({string_or_empty(row, "id"), string_or_empty(row, "name"),
                   string_or_empty(row, "scope"), string_or_empty(row, "expires_at"),
                   find_bool(row, "revoked").value_or(false) ? "revoked" : "valid"});
    }
    return table.text();
}

}  // namespace adaos::node

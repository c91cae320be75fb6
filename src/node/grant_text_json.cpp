#include "node/grant_text.hpp"

#include "base/json.hpp"
#include "base/problem.hpp"
#include "node/nodes_text.hpp"
#include "node/table.hpp"

#include <algorithm>

namespace adaos::node {
namespace {

Error bad_answer() {
    return Error(Problem::bad_answer, "the answer is not about grants");
}

Result<Json> page_of(std::string_view body) {
    auto json = parse_json(body);
    if (!json || !json->is_object() || !json->contains("data") || !(*json)["data"].is_array())
        return bad_answer();
    return json;
}

std::string or_dash(std::string text) {
    return text.empty() ? "-" : std::move(text);
}

std::string uses_of(Json const& grant) {
    auto const most = find_integer(grant, "max_uses");
    return most ? std::to_string(*most) : "∞";
}

std::string count_of(Json const& grant) {
    return std::to_string(find_integer(grant, "uses").value_or(0));
}

std::string left_of(Json const& grant, WallTime now) {
    auto const end = parse_rfc3339(string_or_empty(grant, "expires_at"));
    return end == WallTime{} ? "-" : remaining_text(end - now);
}

std::string next_line(Json const& page) {
    if (!page.contains("meta")) return {};
    auto const next = string_or_empty(page["meta"], "next_cursor");
    return next.empty() ? std::string() : "next_cursor: " + next + '\n';
}

/// The bare hex that users of join tokens know.
std::string bare(std::string fingerprint) {
    constexpr std::string_view prefix = "sha256:";
    return fingerprint.starts_with(prefix) ? fingerprint.substr(prefix.size()) : fingerprint;
}

/// The same record in the words of join tokens.
Json as_join_token(Json const& grant) {
    Json out;
    out["id"] = string_or_empty(grant, "id");
    out["kind"] = "node";
    auto const name = string_or_empty(grant, "node_name");
    out["intended_node_name"] = name.empty() ? Json(nullptr) : Json(name);
    out["expires_at"] = string_or_empty(grant, "expires_at");
    auto const most = find_integer(grant, "max_uses");
    out["max_uses"] = most ? Json(*most) : Json(nullptr);
    out["consumption_count"] = find_integer(grant, "uses").value_or(0);
    out["created_by_user_id"] = string_or_empty(grant, "created_by");
    out["created_at"] = string_or_empty(grant, "created_at");
    out["state"] = string_or_empty(grant, "state");
    out["ttl_clamped"] = find_bool(grant, "ttl_clamped").value_or(false);
    return out;
}

/// "10m0s", "1h0m0s": how durations are read where this output comes from.
std::string duration_text(std::chrono::milliseconds life) {
    auto const whole = std::chrono::duration_cast<std::chrono::seconds>(life).count();
    std::string out;
    if (whole >= 3600) out += std::to_string(whole / 3600) + "h";
    if (whole >= 60) out += std::to_string(whole / 60 % 60) + "m";
    return out + std::to_string(whole % 60) + "s";
}

std::string page_json(Json page, char const* schema, Json data) {
    Json out;
    out["schema"] = schema;
    out["data"] = std::move(data);
    out["meta"] = page.contains("meta") ? page["meta"] : Json::object();
    return dump(out) + "\n";
}

}  // namespace

std::string remaining_text(std::chrono::milliseconds left) {
    if (left < std::chrono::seconds(1)) return "expired";
    return age_text(left);
}

std::string join_token_order(JoinTokenOptions const& options, std::chrono::seconds ttl) {
    Json json;
    json["kind"] = "node";
    json["ttl_seconds"] = ttl.count();
    json["strict"] = options.strict;
    json["max_uses"] = options.max_uses;
    if (options.node_name) json["node_name"] = *options.node_name;
    if (options.note) json["note"] = *options.note;
    if (options.target.subnet) json["subnet_id"] = *options.target.subnet;
    return dump(json);
}

Result<std::string> grants_table(std::string_view body, WallTime now) {
    auto const page = page_of(body);
    if (!page) return page.error();
    Table table;
    auto const& grants = (*page)["data"];
    // Told when there are two books (api/two_books.hpp).
    bool const has_books = std::any_of(grants.begin(), grants.end(), [](Json const& grant) {
        return !string_or_empty(grant, "authority").empty();
    });
    std::vector<std::string> head{"ID", "KIND", "STATE", "NODE-NAME", "TTL-REMAINING", "USES"};
    if (has_books) head.emplace_back("AUTHORITY");
    head.insert(head.end(), {"CREATED-BY", "NOTE"});
    table.add(head);
    for (auto const& grant : grants) {
        std::vector<std::string> row{string_or_empty(grant, "id"),
                                     string_or_empty(grant, "kind"),
                                     string_or_empty(grant, "state"),
                                     or_dash(string_or_empty(grant, "node_name")),
                                     left_of(grant, now),
                                     count_of(grant) + "/" + uses_of(grant)};
        if (has_books) row.push_back(string_or_empty(grant, "authority"));
        row.push_back(or_dash(string_or_empty(grant, "created_by")));
        row.push_back(or_dash(string_or_empty(grant, "note")));
        table.add(row);
    }
    return table.text() + next_line(*page);
}

Result<std::string> grant_text(std::string_view body) {
    auto const grant = parse_json(body);
    if (!grant || !grant->is_object() || string_or_empty(*grant, "id").empty()) return bad_answer();
    Table table;
    for (auto const& [key, value] : grant->items()) {
        if (key == "schema" || value.is_null() || (value.is_string() && value == "")) continue;
        table.add({key + ":", value.is_string() ? value.get<std::string>() : dump(value)});
    }
    return table.text();
}

Result<ShownJoinToken> shown_join_token(std::string_view body) {
    auto const grant = parse_json(body);
    if (!grant || !grant->is_object()) return bad_answer();
    auto const token = string_or_empty(*grant, "token");
    auto const pin = string_or_empty(*grant, "ca_fingerprint");
    if (token.empty() || pin.empty()) return bad_answer();
    auto const name = string_or_empty(*grant, "node_name");
    auto const expires = string_or_empty(*grant, "expires_at");
    auto const life = parse_rfc3339(expires) - parse_rfc3339(string_or_empty(*grant, "created_at"));
    ShownJoinToken out;
    Json json;
    json["schema"] = "adaos.join-token/v1";
    json.update(as_join_token(*grant));
    json["token"] = token;
    json["ca_fingerprint_sha256"] = bare(pin);
    out.json = dump(json) + "\n";
    out.text = "Join token " + string_or_empty(*grant, "id") + "\n\n    " + token +
               "\n\nCA fingerprint:\n\n    " + pin +
               "\n\nSave both now: only a hash of the token is stored, and it is not shown again.\n"
               "On the node, pass them as\n    OTHERIX_BOOTSTRAP__TOKEN\n"
               "    OTHERIX_BOOTSTRAP__CA_FINGERPRINT\n\nExpires: " +
               expires + " (TTL: " + duration_text(life) + ").\nMax uses: " + uses_of(*grant) +
               ".\n";
    if (!name.empty()) out.text += "Bound to node-name: " + name + " (single-use).\n";
    if (find_bool(*grant, "ttl_clamped").value_or(false))
        out.warnings.push_back("--ttl is outside the limits: the token lives " +
                               duration_text(life));
    if (!find_integer(*grant, "max_uses"))
        out.warnings.emplace_back(
            "no limit on uses: until it expires, whoever has the token can "
            "join; --max-uses sets one");
    return out;
}

Result<std::string> join_tokens_table(std::string_view body, WallTime now) {
    auto const page = page_of(body);
    if (!page) return page.error();
    Table table;
    table.add({"ID", "NODE-NAME", "TTL-REMAINING", "MAX-USES", "CONSUMED", "CREATED-BY"});
    for (auto const& grant : (*page)["data"]) {
        table.add({string_or_empty(grant, "id"), or_dash(string_or_empty(grant, "node_name")),
                   left_of(grant, now), uses_of(grant), count_of(grant),
                   or_dash(string_or_empty(grant, "created_by"))});
    }
    return table.text() + next_line(*page);
}

Result<std::string> join_tokens_json(std::string_view body) {
    auto const page = page_of(body);
    if (!page) return page.error();
    Json data = Json::array();
    for (auto const& grant : (*page)["data"]) data.push_back(as_join_token(grant));
    return page_json(*page, "adaos.join-tokens/v1", std::move(data));
}

Result<std::string> consumptions_table(std::string_view body) {
    auto const page = page_of(body);
    if (!page) return page.error();
    Table table;
    table.add({"ID", "NODE-ID", "CONSUMED-AT", "SOURCE-IP"});
    for (auto const& row : (*page)["data"]) {
        table.add({string_or_empty(row, "id"), or_dash(string_or_empty(row, "node_id")),
                   string_or_empty(row, "at"), or_dash(string_or_empty(row, "source_ip"))});
    }
    return table.text() + next_line(*page);
}

Result<std::string> consumptions_json(std::string_view body) {
    auto const page = page_of(body);
    if (!page) return page.error();
    Json data = Json::array();
    for (auto const& row : (*page)["data"]) {
        Json out;
        out["id"] = string_or_empty(row, "id");
        out["join_token_id"] = string_or_empty(row, "grant_id");
        out["consumed_by_node_id"] = string_or_empty(row, "node_id");
        out["consumed_at"] = string_or_empty(row, "at");
        auto const source = string_or_empty(row, "source_ip");
        out["source_ip"] = source.empty() ? Json(nullptr) : Json(source);
        data.push_back(std::move(out));
    }
    return page_json(*page, "adaos.consumptions/v1", std::move(data));
}

}  // namespace adaos::node

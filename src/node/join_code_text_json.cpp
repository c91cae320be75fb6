#include "base/json.hpp"
#include "base/problem.hpp"
#include "node/join_code_text.hpp"

namespace adaos::node {

Result<MadeCode> parse_made_code(std::string_view text) {
    auto const json = parse_json(text);
    if (!json) return Error(Problem::bad_answer, "the node's answer is not JSON");
    MadeCode out;
    out.mode = string_or_empty(*json, "mode");
    out.code = string_or_empty(*json, "code");
    out.subnet_id = string_or_empty(*json, "subnet_id");
    out.root_url = string_or_empty(*json, "root_url");
    out.expires_at_utc = string_or_empty(*json, "expires_at_utc");
    out.ca_fingerprint = string_or_empty(*json, "ca_fingerprint");
    if (out.code.empty()) return Error(Problem::bad_answer, "no code in the node's answer");
    return out;
}

std::string code_order_json(int ttl_minutes, int length, std::string_view mode) {
    Json json;
    json["ttl_minutes"] = ttl_minutes;
    json["length"] = length;
    json["mode"] = mode;
    return dump(json);
}

std::string token_order_json(std::string_view name, std::string_view scope, std::string_view ttl) {
    Json json;
    json["name"] = name;
    json["scope"] = scope;
    json["ttl"] = ttl;
    return dump(json);
}

std::string to_json(MadeCode const& made) {
    Json json;
    json["schema"] = "adaos.join-code/v1";
    json["ok"] = true;
    json["mode"] = made.mode;
    json["code"] = made.code;
    json["subnet_id"] = made.subnet_id;
    json["root_url"] = made.root_url;
    json["expires_at"] =
        static_cast<double>(to_millis(parse_rfc3339(made.expires_at_utc))) / 1000.0;
    json["expires_at_utc"] = made.expires_at_utc;
    json["ca_fingerprint"] = made.ca_fingerprint;
    json["command"] = made.command;
    return dump(json) + "\n";
}

}  // namespace adaos::node

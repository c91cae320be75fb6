#include "base/json.hpp"
#include "base/problem.hpp"
#include "root/link_calls.hpp"

#include <algorithm>

namespace adaos::root {

Result<CodeWish> parse_code_wish(std::string_view params) {
    auto const json = parse_json(params);
    if (!json) return json.error();
    CodeWish out;
    auto const ttl = find_integer(*json, "ttl_minutes").value_or(15);
    if (ttl < 1 || ttl > 60)
        return Error(Problem::invalid_field, "ttl_minutes: 1 to 60 minutes are allowed");
    auto const length = find_integer(*json, "length").value_or(8);
    if (length < 0 || length > 64) return Error(Problem::invalid_field, "length: 8, 10 or 12");
    out.ttl = std::chrono::minutes(ttl);
    out.length = static_cast<int>(length);
    return out;
}

std::string code_answer(enrol::Minted const& minted, RootFacts const& facts) {
    Json json;
    json["code"] = minted.display;
    json["grant_id"] = minted.id;
    json["expires_at_utc"] = rfc3339(minted.expires_at);
    json["root_url"] = facts.public_url;
    json["ca_fingerprint"] = facts.ca_fingerprint;
    return dump(json);
}

Result<NodesWish> parse_nodes_wish(std::string_view params) {
    auto const json = parse_json(params);
    if (!json) return json.error();
    NodesWish out;
    out.since = from_millis(find_integer(*json, "since_ms").value_or(0));
    out.limit = static_cast<int>(
        std::clamp<std::int64_t>(find_integer(*json, "limit").value_or(100), 1, 100));
    return out;
}

std::string nodes_answer(std::vector<registry::Node> const& nodes) {
    return "{\"nodes\":" + registry::to_json(nodes) + "}";
}

}  // namespace adaos::root

#include "node/demo_json.hpp"

#include "base/json.hpp"

namespace adaos::node {

Result<ServeFacts> parse_serve_facts(std::string_view text) {
    auto const json = parse_json(text);
    if (!json) return json.error();
    return ServeFacts{string_or_empty(*json, "url")};
}

Result<CodeFacts> parse_code_facts(std::string_view text) {
    auto const json = parse_json(text);
    if (!json) return json.error();
    return CodeFacts{string_or_empty(*json, "code"), string_or_empty(*json, "subnet_id"),
                     string_or_empty(*json, "ca_fingerprint")};
}

Result<StatusFacts> parse_status_facts(std::string_view text) {
    auto const json = parse_json(text);
    if (!json) return json.error();
    StatusFacts out;
    out.node_id = string_or_empty(*json, "node_id");
    out.role = string_or_empty(*json, "role");
    out.cause = string_or_empty(*json, "cause");
    out.connected = find_bool(*json, "connected_to_hub").value_or(false) ||
                    find_bool(*json, "connected_to_root").value_or(false);
    return out;
}

}  // namespace adaos::node

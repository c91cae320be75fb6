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

namespace {

double in_seconds(std::chrono::milliseconds time) {
    return static_cast<double>(time.count()) / 1000.0;
}

}  // namespace

std::string demo_json(DemoReport const& report) {
    Json json;
    json["schema"] = "adaos.demo/v1";
    json["ok"] = true;
    json["took_seconds"] = in_seconds(report.took);
    json["subnet_id"] = report.subnet_id;
    json["root_url"] = report.root_url;
    json["ca_file"] = report.ca_file;
    json["ca_fingerprint"] = report.ca_fingerprint;
    json["nodes"] = Json::array();
    for (auto const& [name, url] : report.nodes)
        json["nodes"].push_back({{"name", name}, {"url", url}});
    return dump(json) + "\n";
}

std::string demo_check_json(DemoReport const& report) {
    Json json;
    json["schema"] = "adaos.demo-check/v1";
    json["ok"] = true;
    json["took_seconds"] = in_seconds(report.took);
    json["answered"] = Json::array();
    for (auto const& node : report.nodes) json["answered"].push_back(node.name);
    return dump(json) + "\n";
}

std::string demo_check_text(DemoReport const& report) {
    std::string names;
    for (auto const& node : report.nodes) names += (names.empty() ? "" : ", ") + node.name;
    return "It works: each of " + names + " answered through Root within " +
           std::to_string(report.took.count()) + " ms.\n";
}

}  // namespace adaos::node

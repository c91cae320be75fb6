#include "api/bootstrap_door.hpp"
#include "base/bytes.hpp"
#include "base/json_body.hpp"
#include "base/problem.hpp"

#include <algorithm>

namespace adaos::api {
namespace {

constexpr std::int64_t max_ttl_seconds = std::int64_t{366} * 24 * 3600;
constexpr std::size_t max_secret = 16 * 1024;

bool is_value(std::string_view text) {
    return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

}  // namespace

Result<registry::InventoryItem> parse_inventory_item(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    registry::InventoryItem item;
    item.node_id = body->text("node_id", 36);
    item.subnet_id = body->text("subnet_id", 16);
    item.host = std::string(trim(body->text("host", 255)));
    item.name = std::string(trim(body->text("name", 63)));
    item.sku = body->text("sku", 64);
    item.region = body->text("region", 64);
    item.onboarding_mode = body->text("onboarding_mode", 16, "manual");
    if (item.host.empty()) body->refuse("host", "the machine's host name");
    if (auto const fine = body->check(); !fine) return fine.error();
    return item;
}

std::string inventory_json(registry::Node const& node, registry::InventoryItem const& item) {
    Json json;
    json["node_id"] = node.node_id;
    json["name"] = node.name;
    json["subnet_id"] = node.subnet_id;
    json["host"] = item.host;
    json["sku"] = item.sku;
    json["region"] = item.region;
    json["onboarding_mode"] = item.onboarding_mode;
    json["enrolment"] = registry::enrolment_name(node.enrolment);
    json["created_at"] = rfc3339(node.created_at);
    return dump(json) + "\n";
}

Result<enrol::MintOrder> parse_bootstrap_wish(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    enrol::MintOrder order;
    order.kind = enrol::Kind::bootstrap;
    auto const ttl = body->integer("ttl_seconds", 1, max_ttl_seconds, 0);
    if (ttl != 0) order.ttl = std::chrono::seconds(ttl);
    order.note = body->text("note", 256);
    if (auto const fine = body->check(); !fine) return fine.error();
    return order;
}

std::string plan_json(BootstrapPlan const& plan) {
    Json json;
    json["mode"] = plan.mode;
    json["package_ref"] = plan.package_ref;
    json["package_digest"] = plan.package_digest;
    json["trust_bundle_version"] = plan.trust_version;
    return dump(json);
}

Result<BootstrapPlan> parse_plan(std::string_view text) {
    auto const json = parse_json(text);
    if (!json || !json->is_object())
        return Error(Problem::state_damaged, "the plan of a bootstrap token");
    return BootstrapPlan{string_or_empty(*json, "mode"), string_or_empty(*json, "package_ref"),
                         string_or_empty(*json, "package_digest"),
                         string_or_empty(*json, "trust_bundle_version")};
}

std::string bootstrap_json(ScriptFacts const& facts, BootstrapPlan const& plan,
                           WallTime expires_at) {
    auto const script = render_node_script(facts);
    auto const digest = to_hex(sha256(as_bytes(script)));
    Json json;
    json["schema"] = "adaos.bootstrap-script/v1";
    json["node_id"] = facts.node_id;
    json["bootstrap_token"] = facts.token.reveal();
    json["expires_at"] = rfc3339(expires_at);
    json["script"] = script;
    json["script_sha256"] = digest;
    json["mode"] = plan.mode;
    if (plan.mode == "cloud_init") json["user_data"] = render_user_data(facts, digest);
    json["command"] = render_command(facts, digest);
    json["metadata"] = {{"trust_bundle_version", plan.trust_version},
                        {"package_ref", plan.package_ref},
                        {"package_digest", "sha256:" + plan.package_digest}};
    return dump(json) + "\n";
}

Result<RegistryCredential> parse_registry_credential(std::string_view text) {
    auto const wrong = Error(Problem::config_invalid, "NODE_BOOTSTRAP_REGISTRY_CREDENTIAL_FILE");
    auto body = JsonBody::parse(text);
    if (!body) return wrong;
    RegistryCredential out{body->text("registry", 255),
                           body->text("username", 255),
                           body->text("password", max_secret),
                           {}};
    out.expires_at = parse_rfc3339(body->text("expires_at", 32));
    bool const plain = is_value(out.registry) && is_value(out.username) && is_value(out.password) &&
                       out.registry.find_first_of("/= ") == std::string::npos &&
                       out.registry.front() != '-' && out.registry.front() != '.';
    if (body->check().has_error() || !plain) return wrong;
    return out;
}

std::string credential_json(RegistryCredential const& credential) {
    Json json;
    json["registry"] = credential.registry;
    json["username"] = credential.username;
    json["password"] = credential.password;
    json["expires_at"] = rfc3339(credential.expires_at);
    return dump(json) + "\n";
}

std::string credential_lines(RegistryCredential const& credential) {
    return "REGISTRY_HOST=" + credential.registry + "\nREGISTRY_USERNAME=" + credential.username +
           "\nREGISTRY_PASSWORD=" + credential.password +
           "\nREGISTRY_EXPIRES_AT=" + rfc3339(credential.expires_at) + "\n";
}

}  // namespace adaos::api

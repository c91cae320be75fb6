#include "base/json.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "node/root_init.hpp"

namespace adaos::node {

std::string bootstrap_order_json(std::string_view fingerprint, std::string_view subnet_id,
                                 std::string_view zone) {
    Json json;
    json["fingerprint"] = fingerprint;
    if (!subnet_id.empty()) json["subnet_id"] = subnet_id;
    if (!zone.empty()) json["zone_id"] = zone;
    return dump(json);
}

Result<Secret> parse_bootstrap_answer(std::string_view text) {
    auto const json = parse_json(text);
    if (!json) return Error(Problem::bad_answer, "Root's answer is not JSON");
    auto token = string_or_empty(*json, "one_time_token");
    if (token.empty()) token = string_or_empty(*json, "token");
    if (token.empty()) return Error(Problem::bad_answer, "no one_time_token in Root's answer");
    return Secret(std::move(token));
}

std::string to_json(RegisterOrder const& order) {
    Json json;
    json["csr_pem"] = order.csr_pem;
    json["issuer_csr_pem"] = order.issuer_csr_pem;
    json["node_id"] = order.node_id;
    json["hostname"] = order.hostname;
    if (!order.zone_id.empty()) json["zone_id"] = order.zone_id;
    return dump(json);
}

Result<RegisterAnswer> parse_register_answer(std::string_view text) {
    auto const json = parse_json(text);
    if (!json) return Error(Problem::bad_answer, "Root's answer is not JSON");
    RegisterAnswer out;
    out.subnet_id = string_or_empty(*json, "subnet_id");
    out.node_id = string_or_empty(*json, "node_id");
    out.cert_pem = string_or_empty(*json, "cert_pem");
    out.issuer_cert_pem = string_or_empty(*json, "issuer_cert_pem");
    out.ca_pem = string_or_empty(*json, "ca_pem");
    if (!is_subnet_id(out.subnet_id))
        return Error(Problem::bad_answer, "no valid subnet_id in Root's answer");
    return out;
}

std::string to_json(RootInitDone const& done) {
    Json json;
    json["schema"] = "adaos.root-init/v1";
    json["ok"] = true;
    json["subnet_id"] = done.subnet_id;
    json["node_id"] = done.node_id;
    json["root_url"] = done.root_url;
    json["hub_key"] = done.hub_key;
    json["hub_cert"] = done.hub_cert;
    json["ca_cert"] = done.ca_cert;
    json["ca_fingerprint"] = done.ca_fingerprint;
    json["reused"] = done.reused;
    return dump(json) + "\n";
}

}  // namespace adaos::node

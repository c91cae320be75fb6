#include "base/json_body.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "pki/certificate.hpp"
#include "pki/request.hpp"
#include "root/registration.hpp"

namespace adaos::root {
namespace {

std::string read_zone(JsonBody& body) {
    auto zone = body.text("zone_id", 8);
    if (!zone.empty() && !is_zone(zone)) body.refuse("zone_id", "two lower-case letters");
    return zone;
}

}  // namespace

Result<BootstrapRequest> parse_bootstrap_request(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    auto const pin = pki::parse_fingerprint(body->text("fingerprint", 128));
    if (!pin) body->refuse("fingerprint", "sha256:<64 hex> is needed");
    auto const subnet = body->text("subnet_id", 32);
    if (!subnet.empty() && !is_subnet_id(subnet)) body->refuse("subnet_id", "sn_ and 8 hex digits");
    auto const zone = read_zone(*body);
    if (auto const fine = body->check(); !fine) return fine.error();
    Json claims;
    claims["subnet_id"] = subnet;
    claims["zone_id"] = zone;
    return BootstrapRequest{pin->substr(7), dump(claims)};
}

std::string bootstrap_answer(enrol::Minted const& minted) {
    Json json;
    json["one_time_token"] = minted.secret.reveal();
    json["expires_at"] = rfc3339(minted.expires_at);
    return dump(json) + "\n";
}

Result<RegisterRequest> parse_register_request(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    RegisterRequest out;
    out.csr_pem = body->text("csr_pem", pki::max_request_pem_bytes);
    out.issuer_csr_pem = body->text("issuer_csr_pem", pki::max_request_pem_bytes);
    out.node_id = body->text("node_id", 36);
    out.hostname = body->text("hostname", 255);
    out.zone_id = read_zone(*body);
    if (out.csr_pem.empty()) body->refuse("csr_pem", "a request is needed");
    if (out.issuer_csr_pem.empty()) body->refuse("issuer_csr_pem", "a request is needed");
    if (!is_node_id(out.node_id)) body->refuse("node_id", "a lower-case UUID is needed");
    if (auto const fine = body->check(); !fine) return fine.error();
    return out;
}

std::string wished_subnet(std::string_view claims_json) {
    auto const json = parse_json(claims_json);
    return json ? string_or_empty(*json, "subnet_id") : std::string();
}

std::string subnet_removed_json(registry::Node const& hub) {
    Json json;
    json["schema"] = "adaos.subnet-removed/v1";
    json["ok"] = true;
    json["subnet_id"] = hub.subnet_id;
    json["node_id"] = hub.node_id;
    json["removed_at"] = hub.removed_at ? Json(rfc3339(*hub.removed_at)) : Json();
    return dump(json) + "\n";
}

std::string register_answer(Registered const& done) {
    Json json;
    json["subnet_id"] = done.subnet_id;
    json["node_id"] = done.node_id;
    json["cert_pem"] = done.cert_pem;
    json["issuer_cert_pem"] = done.issuer_cert_pem;
    json["ca_pem"] = done.ca_pem;
    json["reused"] = done.reused;
    return dump(json) + "\n";
}

}  // namespace adaos::root

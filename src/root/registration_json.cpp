#include "base/json.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "pki/certificate.hpp"
#include "root/registration.hpp"

namespace adaos::root {

Result<BootstrapRequest> parse_bootstrap_request(std::string_view body) {
    auto const json = parse_json(body);
    if (!json) return json.error();
    auto const pin = pki::parse_fingerprint(string_or_empty(*json, "fingerprint"));
    if (!pin) return Error(Problem::invalid_field, "fingerprint: sha256:<64 hex> is needed");
    auto const subnet = string_or_empty(*json, "subnet_id");
    if (!subnet.empty() && !is_subnet_id(subnet))
        return Error(Problem::invalid_field, "subnet_id: sn_ and 8 hex digits");
    auto const zone = string_or_empty(*json, "zone_id");
    if (!zone.empty() && !is_zone(zone))
        return Error(Problem::invalid_field, "zone_id: two lower-case letters");
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

Result<RegisterRequest> parse_register_request(std::string_view body) {
    auto const json = parse_json(body);
    if (!json) return json.error();
    RegisterRequest out;
    out.csr_pem = string_or_empty(*json, "csr_pem");
    out.issuer_csr_pem = string_or_empty(*json, "issuer_csr_pem");
    out.node_id = string_or_empty(*json, "node_id");
    out.hostname = string_or_empty(*json, "hostname");
    out.zone_id = string_or_empty(*json, "zone_id");
    if (out.csr_pem.empty()) return Error(Problem::invalid_field, "csr_pem: a request is needed");
    if (out.issuer_csr_pem.empty())
        return Error(Problem::invalid_field, "issuer_csr_pem: a request is needed");
    if (!is_node_id(out.node_id))
        return Error(Problem::invalid_field, "node_id: a lower-case UUID is needed");
    if (out.hostname.size() > 255) return Error(Problem::invalid_field, "hostname: too long");
    if (!out.zone_id.empty() && !is_zone(out.zone_id))
        return Error(Problem::invalid_field, "zone_id: two lower-case letters");
    return out;
}

std::string wished_subnet(std::string_view claims_json) {
    auto const json = parse_json(claims_json);
    return json ? string_or_empty(*json, "subnet_id") : std::string();
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

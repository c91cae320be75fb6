#include "base/json.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "net/http_client.hpp"
#include "node/join_answer.hpp"
#include "pki/certificate.hpp"

namespace adaos::node {
namespace {

Error missing(char const* field) {
    return {Problem::bad_answer, std::string("no valid ") + field};
}

}  // namespace

std::string to_json(JoinBody const& body) {
    Json json;
    json["node_id"] = body.node_id;
    json["hostname"] = body.hostname;
    if (!body.zone_id.empty()) json["zone_id"] = body.zone_id;
    json["csr_pem"] = body.csr_pem;
    json["attempt_id"] = body.attempt_id;
    return dump(json);
}

Result<JoinAnswer> parse_join_answer(std::string_view text) {
    auto const json = parse_json(text);
    if (!json || !json->is_object()) return Error(Problem::bad_answer, "not a JSON object");
    JoinAnswer out;
    out.subnet_id = string_or_empty(*json, "subnet_id");
    out.node_id = string_or_empty(*json, "node_id");
    out.node_name = string_or_empty(*json, "node_name");
    out.hub_node_id = string_or_empty(*json, "hub_node_id");
    out.cert_pem = string_or_empty(*json, "cert_pem");
    out.ca_pem = string_or_empty(*json, "ca_pem");
    out.root_url = string_or_empty(*json, "root_url");
    out.hub_url = string_or_empty(*json, "hub_url");
    out.tls_pin = string_or_empty(*json, "tls_pin");
    if (!out.tls_pin.empty() && !pki::parse_fingerprint(out.tls_pin)) return missing("tls_pin");
    if (!is_subnet_id(out.subnet_id)) return missing("subnet_id");
    if (!is_node_id(out.node_id)) return missing("node_id");
    if (!is_node_id(out.hub_node_id)) return missing("hub_node_id");
    if (!out.node_name.empty() && !is_node_name(out.node_name)) return missing("node_name");
    // Empty: the hub is where the door was found.
    if (!out.hub_url.empty() && !net::parse_url(out.hub_url)) return missing("hub_url");
    if (!out.root_url.empty() && !net::parse_url(out.root_url)) return missing("root_url");
    if (out.cert_pem.empty()) return missing("cert_pem");
    if (out.ca_pem.empty()) return missing("ca_pem");
    return out;
}

}  // namespace adaos::node

#include "base/json.hpp"
#include "base/problem.hpp"
#include "node/agent_answer.hpp"

namespace adaos::node {

std::string to_json(AgentBody const& body) {
    Json json;
    json["token"] = body.token.reveal();
    json["csr_pem"] = body.csr_pem;
    json["node_name"] = body.node_name;
    json["architecture"] = body.architecture;
    json["advertised_endpoint"] = body.advertised_endpoint;
    json["migration_host"] = body.migration_host;
    json["migration_port_range_start"] = body.migration_port_range_start;
    json["migration_port_range_end"] = body.migration_port_range_end;
    json["redeem_id"] = body.redeem_id;
    return dump(json);
}

Result<pki::Certificate> find_pinned_ca(std::string_view body, std::string const& pin) {
    auto const json = parse_json(body);
    Json list = Json::array();
    if (json && json->is_object() && json->contains("cas"))
        list = (*json)["cas"];
    else if (json && json->is_object() && json->contains("cert_pem"))
        list.push_back(*json);  // the older form: one CA, not a list
    if (!list.is_array() || list.empty())
        return Error(Problem::bad_answer, "/v1/ca names no certificate authority");
    std::optional<pki::Certificate> found;
    std::string seen;
    for (auto const& entry : list) {
        auto const cert = pki::Certificate::from_pem(string_or_empty(entry, "cert_pem"));
        if (!cert) return Error(Problem::bad_answer, "/v1/ca: an entry is no certificate");
        auto const said = pki::parse_fingerprint(string_or_empty(entry, "fingerprint_sha256"));
        if (!said || *said != cert->fingerprint())
            return Error(Problem::bad_answer, "/v1/ca: an entry has another's fingerprint");
        seen += (seen.empty() ? "" : ", ") + cert->fingerprint();
        if (cert->fingerprint() == pin && cert->is_ca()) found = *cert;
    }
    if (found) return *found;
    return Error(Problem::pin_mismatch, "expected " + pin + ", the server has " + seen +
                                            ": the fingerprint was mistyped, or someone is "
                                            "between this machine and the control plane");
}

Result<AgentAnswer> parse_agent_answer(std::string_view text) {
    auto const json = parse_json(text);
    if (!json || !json->is_object()) return Error(Problem::bad_answer, "not a JSON object");
    AgentAnswer out;
    out.node_id = string_or_empty(*json, "node_id");
    out.node_name = string_or_empty(*json, "node_name");
    out.subnet_id = string_or_empty(*json, "subnet_id");
    out.cert_pem = string_or_empty(*json, "cert_pem");
    out.ca_cert_pem = string_or_empty(*json, "ca_cert_pem");
    out.is_replayed = find_bool(*json, "replayed").value_or(false);
    for (auto const& [name, value] :
         {std::pair("node_id", &out.node_id), std::pair("cert_pem", &out.cert_pem),
          std::pair("ca_cert_pem", &out.ca_cert_pem)})
        if (value->empty()) return Error(Problem::bad_answer, std::string(name) + " is missing");
    return out;
}

}  // namespace adaos::node

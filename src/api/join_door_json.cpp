#include "api/join_door.hpp"
#include "base/json.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "pki/request.hpp"

namespace adaos::api {
namespace {

constexpr std::size_t max_hostname = 255;  // RFC 1035
constexpr std::size_t max_attempt_id = 64;

/// Optional text of bounded length. Errors: invalid_field.
Result<std::string> text_field(Json const& body, char const* name, std::size_t most) {
    auto const it = body.find(name);
    if (it == body.end() || it->is_null()) return std::string();
    if (!it->is_string()) return Error(Problem::invalid_field, std::string(name) + ": not a string");
    auto text = it->get<std::string>();
    if (text.size() > most || text.find('\0') != std::string::npos)
        return Error(Problem::invalid_field, std::string(name) + ": too long or holds a NUL");
    return text;
}

}  // namespace

Result<JoinRequest> parse_join_request(std::string_view text) {
    auto const body = parse_json(text);
    if (!body) return body.error();
    if (!body->is_object()) return Error(Problem::bad_request, "not a JSON object");
    JoinRequest out;
    struct Want {
        char const* name;
        std::size_t most;
        std::string* into;
    };
    Want const wants[] = {
        {"code", 64, &out.code},
        {"node_id", 36, &out.order.node_id},
        {"hostname", max_hostname, &out.order.hostname},
        {"zone_id", 2, &out.order.zone},
        {"csr_pem", pki::max_request_pem_bytes, &out.order.csr_pem},
        {"attempt_id", max_attempt_id, &out.order.attempt_id},
    };
    for (auto const& want : wants) {
        auto value = text_field(*body, want.name, want.most);
        if (!value) return value.error();
        *want.into = std::move(*value);
    }
    if (out.code.empty()) return Error(Problem::code_blank, "");
    if (!is_node_id(out.order.node_id))
        return Error(Problem::invalid_field, "node_id: a lower-case UUID is needed");
    if (!out.order.zone.empty() && !is_zone(out.order.zone))
        return Error(Problem::invalid_field, "zone_id: two lower-case letters");
    if (out.order.csr_pem.empty())
        return Error(Problem::invalid_field, "csr_pem: a PKCS#10 request is needed");
    return out;
}

std::string join_answer(enrol::Redeemed const& done, JoinPlace const& place, WallTime now) {
    Json json;
    json["ok"] = true;
    json["subnet_id"] = done.node.subnet_id;
    json["node_id"] = done.node.node_id;
    json["node_name"] = done.node.name;
    json["hub_node_id"] = place.hub_node_id;
    json["cert_pem"] = done.certificate_pem;
    json["ca_pem"] = place.anchors_pem;
    json["root_url"] = place.root_url;
    json["hub_url"] = place.hub_url;
    json["diagnostics"] = {{"grant_id", done.grant_id},
                           {"code_created_at_utc", rfc3339(done.code_created_at)},
                           {"code_expires_at_utc", rfc3339(done.code_expires_at)},
                           {"server_time_utc", rfc3339(now)},
                           {"replayed", done.replayed}};
    return dump(json) + "\n";
}

}  // namespace adaos::api

#include "api/join_door.hpp"
#include "base/bytes.hpp"
#include "base/json_body.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "pki/request.hpp"

namespace adaos::api {
namespace {

constexpr std::size_t max_hostname = 255;  // RFC 1035
constexpr std::size_t max_attempt_id = 64;

Result<enrol::RedeemOrder> read_order(JsonBody& body) {
    enrol::RedeemOrder order;
    order.node_id = body.text("node_id", 36);
    order.hostname = body.text("hostname", max_hostname);
    order.zone = body.text("zone_id", 8);
    order.csr_pem = body.text("csr_pem", pki::max_request_pem_bytes);
    order.attempt_id = body.text("attempt_id", max_attempt_id);
    if (!is_node_id(order.node_id)) body.refuse("node_id", "a lower-case UUID is needed");
    if (!order.zone.empty() && !is_zone(order.zone))
        body.refuse("zone_id", "two lower-case letters");
    if (auto const fine = body.check(); !fine) return fine.error();
    return order;
}

}  // namespace

Result<enrol::RedeemOrder> parse_join_order(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    auto order = read_order(*body);
    if (order && order->csr_pem.empty())
        return Error(Problem::invalid_field, "csr_pem: a PKCS#10 request is needed");
    return order;
}

Result<JoinRequest> parse_join_request(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    JoinRequest out;
    out.code = body->text("code", 64);
    if (auto const fine = body->check(); !fine) return fine.error();
    if (trim(out.code).empty()) return Error(Problem::code_blank, "");
    auto order = read_order(*body);
    if (!order) return order.error();
    out.order = std::move(*order);
    return out;
}

std::string join_answer(enrol::Redeemed const& done, JoinPlace const& place, WallTime now,
                        std::string const& made_key_pem) {
    Json json;
    json["ok"] = true;
    json["subnet_id"] = done.node.subnet_id;
    json["node_id"] = done.node.node_id;
    json["node_name"] = done.node.name;
    json["hub_node_id"] = place.hub_node_id;
    json["cert_pem"] = done.certificate_pem;
    if (!made_key_pem.empty()) json["key_pem"] = made_key_pem;
    json["ca_pem"] = place.anchors_pem;
    json["root_url"] = place.root_url;
    json["hub_url"] = place.hub_url;
    json["tls_pin"] = place.tls_pin;
    json["diagnostics"] = {{"grant_id", done.grant_id},
                           {"code_created_at_utc", rfc3339(done.code_created_at)},
                           {"code_expires_at_utc", rfc3339(done.code_expires_at)},
                           {"server_time_utc", rfc3339(now)},
                           {"replayed", done.replayed}};
    return dump(json) + "\n";
}

}  // namespace adaos::api

#include "api/enrol_door.hpp"
#include "api/redeem_id.hpp"
#include "base/bytes.hpp"
#include "base/json_body.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "pki/certificate.hpp"
#include "pki/request.hpp"

namespace adaos::api {
namespace {

constexpr std::size_t max_secret = 128;
constexpr std::size_t max_host = 255;  // RFC 1035
constexpr std::size_t max_url = 255;   // what a heartbeat may carry, too
constexpr std::int64_t least_port = 1024;
constexpr std::int64_t most_port = 65535;

enum class Presence { required, optional };

/// The fields in which a node says what it is.
void read_inventory(JsonBody& body, enrol::RedeemOrder& order, Presence presence) {
    bool const needed = presence == Presence::required;
    auto& what = order.inventory;
    order.arch = body.text("architecture", 16);
    if ((needed || !order.arch.empty()) && order.arch != "amd64" && order.arch != "arm64")
        body.refuse("architecture", "amd64 or arm64");
    what.architecture = order.arch;
    what.advertised_endpoint = body.text("advertised_endpoint", max_url);
    auto const& url = what.advertised_endpoint;
    if ((needed || !url.empty()) && host_of(url).empty())
        body.refuse("advertised_endpoint", "https://host[:port] is needed");
    what.migration_host = std::string(trim(body.text("migration_host", max_host)));
    if (needed && what.migration_host.empty()) body.refuse("migration_host", "it is missing");
    auto const start = body.integer("migration_port_range_start", least_port, most_port, 0);
    auto const end = body.integer("migration_port_range_end", least_port, most_port, 0);
    if (start != 0) what.migration_port_start = start;
    if (end != 0) what.migration_port_end = end;
    if (needed && start == 0) body.refuse("migration_port_range_start", "1024 to 65535");
    if (needed && end == 0) body.refuse("migration_port_range_end", "1024 to 65535");
    if (start > end) body.refuse("migration_port_range_end", "less than the start");
}

void read_common(JsonBody& body, enrol::RedeemOrder& order) {
    order.csr_pem = body.text("csr_pem", pki::max_request_pem_bytes);
    if (order.csr_pem.empty()) body.refuse("csr_pem", "a PKCS#10 request is needed");
    order.node_name = std::string(trim(body.text("node_name", max_host)));
    if (!order.node_name.empty() &&
        (!is_node_label(order.node_name) || is_node_id(order.node_name)))
        body.refuse("node_name", "a lower-case RFC 1123 label of at most 63 characters");
    order.attempt_id = read_redeem_id(body);
}

Error as_validation(Error const& error) {
    if (error.code != Problem::invalid_field) return error;
    return Error(Problem::validation, error.context);
}

/// Read off the form and the prefix; a secret that is none is unknown.
std::optional<enrol::Kind> kind_of(std::string_view secret) {
    using enrol::Kind;
    for (auto const kind : {Kind::node, Kind::host, Kind::bootstrap})
        if (enrol::is_token_of(kind, secret)) return kind;
    if (secret.size() <= 64 && secret.find('_') == std::string_view::npos) return Kind::member;
    return std::nullopt;
}

}  // namespace

Result<enrol::RedeemOrder> parse_node_join(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    enrol::RedeemOrder order;
    order.kind = enrol::Kind::node;
    order.secret = Secret(std::string(trim(body->text("token", max_secret))));
    if (order.secret.empty()) body->refuse("token", "it is missing");
    read_common(*body, order);
    if (order.node_name.empty()) body->refuse("node_name", "it is missing");
    read_inventory(*body, order, Presence::required);
    if (auto const fine = body->check(); !fine) return as_validation(fine.error());
    return order;
}

Result<enrol::RedeemOrder> parse_enrolment(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    enrol::RedeemOrder order;
    order.secret = Secret(std::string(trim(body->text("secret", max_secret))));
    if (order.secret.empty()) body->refuse("secret", "it is missing");
    read_common(*body, order);
    order.node_id = body->text("node_id", 36);
    if (!order.node_id.empty() && !is_node_id(order.node_id))
        body->refuse("node_id", "a lower-case UUID");
    order.hostname = body->text("hostname", max_host);
    order.zone = body->text("zone_id", 8);
    if (!order.zone.empty() && !is_zone(order.zone))
        body->refuse("zone_id", "two lower-case letters");
    auto claims = body->object("claims");
    order.claims_json = claims.source();
    read_inventory(*body, order, Presence::optional);
    if (auto const fine = body->check(); !fine) return as_validation(fine.error());
    auto const kind = kind_of(order.secret.reveal());
    if (!kind) return Error(Problem::token_unknown);
    order.kind = *kind;
    if (order.kind == enrol::Kind::node && order.node_name.empty())
        return Error(Problem::validation, "node_name: it is missing");
    if (order.kind == enrol::Kind::member && order.node_id.empty())
        return Error(Problem::validation, "node_id: a machine with a code has one");
    return order;
}

std::string enrolled_json(Enrolled const& enrolled) {
    auto const& done = enrolled.done;
    Json json;
    json["node_id"] = done.node.node_id;
    json["node_name"] = done.node.name;
    json["subnet_id"] = done.node.subnet_id;
    json["kind"] = enrol::kind_word(enrolled.kind);
    json["cert_pem"] = done.certificate_pem;
    json["ca_cert_pem"] = enrolled.ca_pem;
    json["hub_url"] = enrolled.place.hub_url;
    json["hub_node_id"] = enrolled.place.hub_node_id;
    json["root_url"] = enrolled.place.root_url;
    json["grant_id"] = done.grant_id;
    json["replayed"] = done.replayed;
    return dump(json) + "\n";
}

}  // namespace adaos::api

#include "root/registration.hpp"

#include "api/open_pages.hpp"
#include "base/problem.hpp"
#include "pki/request.hpp"

namespace adaos::root {
namespace {

/// How often a random subnet id may turn out taken before we give up: 2^32 ids, so never twice.
constexpr int subnet_tries = 8;

std::string header_or_empty(net::Exchange& exchange, std::string_view name) {
    auto const* const value = exchange.request().fields.find(name);
    return value == nullptr ? std::string() : *value;
}

}  // namespace

net::Task<void> Registration::bootstrap_token(net::Exchange& exchange) {
    auto const right = co_await api::only(exchange, "POST");
    if (!right) co_return;
    auto const given = header_or_empty(exchange, "x-root-token");
    if (!equal_constant_time(as_bytes(given), as_bytes(deps_.root_token.reveal()))) {
        Error error(Problem::root_token_wrong, "");
        co_await api::answer_error(exchange, std::move(error));
        co_return;
    }
    auto const body = co_await api::json_body(exchange);
    if (!body) co_return;
    auto const request = parse_bootstrap_request(*body);
    if (!request) {
        co_await api::answer_error(exchange, request.error());
        co_return;
    }
    enrol::MintOrder order;
    order.kind = enrol::Kind::bootstrap;
    order.ttl = std::chrono::seconds(600);
    order.created_by = "root-token";
    order.bind = request->spki_hex;
    order.claims_json = request->claims_json;
    auto const minted = co_await deps_.desk.mint(std::move(order));
    if (!minted) {
        co_await api::answer_error(exchange, minted.error());
        co_return;
    }
    auto json = bootstrap_answer(*minted);
    (void)co_await net::respond_json(exchange, 201, std::move(json));
}

net::Task<Result<std::string>> Registration::choose_subnet(std::string wished,
                                                           std::string node_id,
                                                           std::string spki_hex) {
    auto const known = co_await deps_.desk.find_node(node_id);
    if (!known) co_return known.error();
    if (*known && (*known)->spki_sha256 != spki_hex)
        co_return Error(Problem::duplicate_identity, "node " + node_id);
    if (*known && (wished.empty() || wished == (*known)->subnet_id))
        co_return (*known)->subnet_id;
    if (*known)
        co_return Error(Problem::subnet_taken, "this hub owns " + (*known)->subnet_id + " already");
    for (int i = 0; i < subnet_tries; ++i) {
        auto const id = wished.empty() ? "sn_" + deps_.desk.random().hex(4) : wished;
        auto const nodes = co_await deps_.desk.nodes(id);
        if (!nodes) co_return nodes.error();
        if (nodes->empty()) co_return id;
        if (!wished.empty()) co_return Error(Problem::subnet_taken, wished);
    }
    co_return Error(Problem::internal, "no free subnet id");
}

net::Task<void> Registration::register_subnet(net::Exchange& exchange) {
    auto const right = co_await api::only(exchange, "POST");
    if (!right) co_return;
    auto const body = co_await api::json_body(exchange);
    if (!body) co_return;
    auto const request = parse_register_request(*body);
    if (!request) {
        co_await api::answer_error(exchange, request.error());
        co_return;
    }
    auto const key = pki::check_request(request->csr_pem);
    auto const issuer_key = pki::check_request(request->issuer_csr_pem);
    if (!key || !issuer_key) {
        auto error = key ? issuer_key.error() : key.error();
        co_await api::answer_error(exchange, std::move(error));
        co_return;
    }
    auto const spki = to_hex(key->spki_sha256());
    Secret token(header_or_empty(exchange, "x-bootstrap-token"));
    auto const claims =
        co_await deps_.desk.redeem_bootstrap(std::move(token), spki, exchange.peer().address);
    if (!claims) {
        co_await api::answer_error(exchange, claims.error());
        co_return;
    }
    auto const known = co_await deps_.desk.find_node(request->node_id);
    auto const subnet = co_await choose_subnet(wished_subnet(*claims), request->node_id, spki);
    if (!subnet) {
        co_await api::answer_error(exchange, subnet.error());
        co_return;
    }
    auto const now = deps_.desk.clock().wall();
    pki::NodeIdentity const who{*subnet, request->node_id, true};
    auto const leaf = deps_.ca.issue_node(*key, who, now, deps_.desk.random());
    auto const issuer = deps_.ca.issue_issuer(*issuer_key, *subnet, now, deps_.desk.random());
    if (!leaf || !issuer) {
        auto error = leaf ? issuer.error() : leaf.error();
        co_await api::answer_error(exchange, std::move(error));
        co_return;
    }
    registry::Node node;
    node.node_id = request->node_id;
    node.subnet_id = *subnet;
    node.role = "hub";
    node.hostname = request->hostname;
    node.zone = request->zone_id;
    node.spki_sha256 = spki;
    node.issued_by = "root";
    node.created_at = now;
    node.updated_at = now;
    auto const stored = co_await deps_.desk.admit(std::move(node));
    if (!stored) {
        co_await api::answer_error(exchange, stored.error());
        co_return;
    }
    deps_.registered(*subnet);
    bool const reused = known && known->has_value();
    deps_.log.info("subnet registered", {{"subnet", *subnet}, {"node", request->node_id},
                                         {"reused", reused ? "yes" : "no"}});
    Registered const done{*subnet, request->node_id, *leaf, *issuer, deps_.facts.ca_pem, reused};
    auto json = register_answer(done);
    (void)co_await net::respond_json(exchange, 201, std::move(json));
}

}  // namespace adaos::root

#include "root/registration.hpp"

#include "api/attempt.hpp"
#include "api/open_pages.hpp"
#include "base/problem.hpp"
#include "pki/request.hpp"

namespace adaos::root {
namespace {

std::string header_or_empty(net::Exchange& exchange, std::string_view name) {
    auto const* const value = exchange.request().fields.find(name);
    return value == nullptr ? std::string() : *value;
}

}  // namespace

net::Task<std::optional<api::Caller>> Registration::admin(net::Exchange& exchange,
                                                          std::string door) {
    auto caller = co_await deps_.who(exchange);
    if (!caller) {
        Error error(Problem::root_token_wrong, "");
        api::count_refusal(exchange, deps_.desk, error, door);
        co_await api::answer_error(exchange, std::move(error));
        co_return caller;
    }
    auto const allowed = co_await api::allow(exchange, caller->scope, enrol::Scope::admin);
    if (!allowed) caller.reset();
    co_return caller;
}

void Registration::add_routes(api::Router& router) {
    using api::PathParts;
    router.add("POST", "/v1/bootstrap_token",
               [this](net::Exchange& exchange, PathParts) { return bootstrap_token(exchange); });
    router.add("POST", "/v1/subnets/register",
               [this](net::Exchange& exchange, PathParts) { return register_subnet(exchange); });
    router.add("DELETE", "/v1/subnets/{subnet_id}",
               [this](net::Exchange& exchange, PathParts parts) {
                   return remove_subnet(exchange, std::move(parts[0]));
               });
}

net::Task<void> Registration::remove_subnet(net::Exchange& exchange, std::string subnet_id) {
    std::string door = "/v1/subnets/{subnet_id}";
    auto const caller = co_await admin(exchange, std::move(door));
    if (!caller) co_return;
    auto const hub = co_await remove_hub_of(subnet_id, caller->actor);
    if (!hub) {
        co_await api::answer_error(exchange, hub.error());
        co_return;
    }
    deps_.log.info("subnet removed", {{"subnet", subnet_id}, {"node", hub->node_id}});
    auto json = subnet_removed_json(*hub);
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

net::Task<Result<registry::Node>> Registration::remove_hub_of(std::string subnet_id,
                                                              std::string actor) {
    auto hub = co_await deps_.desk.hub_of(subnet_id);
    if (!hub) co_return hub.error();
    if (!*hub) co_return Error(Problem::subnet_unknown, subnet_id);
    auto node = std::move(**hub);
    api::NodeOrder order{api::NodeCommand::remove, api::NodeOrder::Force::yes, std::move(actor)};
    auto removed = co_await deps_.office.carry_out(std::move(node), std::move(order));
    bool const late = !removed && removed.error().code == Problem::node_unknown;
    if (late) co_return Error(Problem::subnet_unknown, subnet_id);
    co_return removed;
}

net::Task<void> Registration::bootstrap_token(net::Exchange& exchange) {
    std::string door(exchange.request().path());
    auto const caller = co_await admin(exchange, std::move(door));
    if (!caller) co_return;
    auto const body = co_await api::json_body(exchange);
    if (!body) co_return;
    auto const request = parse_bootstrap_request(*body);
    if (!request) {
        co_await api::answer_error(exchange, request.error());
        co_return;
    }
    enrol::MintOrder order;
    order.kind = enrol::Kind::hub;
    order.ttl = std::chrono::seconds(600);
    order.created_by = caller->actor;
    order.key = request->spki_hex;
    order.claims_json = request->claims_json;
    auto const minted = co_await deps_.desk.mint(std::move(order));
    if (!minted) {
        co_await api::answer_error(exchange, minted.error());
        co_return;
    }
    auto json = bootstrap_answer(*minted);
    (void)co_await net::respond_json(exchange, 201, std::move(json));
}

net::Task<void> Registration::register_subnet(net::Exchange& exchange) {
    auto const body = co_await api::attempt_body(exchange, deps_.desk, api::Overheard::maybe);
    if (!body) co_return;
    auto const request = parse_register_request(*body);
    if (!request) {
        co_await api::refuse_attempt(exchange, deps_.desk, request.error());
        co_return;
    }
    auto const key = pki::check_request(request->csr_pem);
    auto const issuer_key = pki::check_request(request->issuer_csr_pem);
    if (!key || !issuer_key) {
        auto error = key ? issuer_key.error() : key.error();
        co_await api::refuse_attempt(exchange, deps_.desk, std::move(error));
        co_return;
    }
    HubOrder const order{request->node_id, request->hostname, request->zone_id, "", *key,
                         *issuer_key};
    auto const made = std::make_shared<Registered>();
    auto const trusted = deps_.facts.ca_pem;
    api::Desk::BootstrapUse const use = [this, order, made, trusted](
                                            store::Database& db,
                                            std::string_view claims) -> Result<std::string> {
        auto with_claims = order;
        with_claims.wished_subnet = wished_subnet(claims);
        auto& desk = deps_.desk;
        auto done = register_hub(db, with_claims, *deps_.ca.get(), trusted, desk.clock().wall(),
                                 desk.random());
        if (!done) return done.error();
        *made = std::move(*done);
        return made->node_id;
    };
    Secret token(header_or_empty(exchange, "x-bootstrap-token"));
    auto spki = to_hex(key->spki_sha256());
    auto const done = co_await deps_.desk.redeem_hub(std::move(token), std::move(spki),
                                                     exchange.peer().address, use);
    if (!done) {
        if (done.error().code == Problem::code_throttled)
            api::count_refusal(exchange, deps_.desk, done.error());
        co_await api::answer_error(exchange, done.error());
        co_return;
    }
    deps_.registered(made->subnet_id);
    deps_.log.info("subnet registered", {{"subnet", made->subnet_id},
                                         {"node", made->node_id},
                                         {"reused", made->reused ? "yes" : "no"}});
    auto json = register_answer(*made);
    (void)co_await net::respond_json(exchange, 201, std::move(json));
}

}  // namespace adaos::root

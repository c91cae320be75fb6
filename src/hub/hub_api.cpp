/// The hub's address space.

#include "base/names.hpp"
#include "base/problem.hpp"
#include "hub/hub.hpp"
#include "hub/hub_json.hpp"
#include "relay/forwarder.hpp"
#include "relay/head_rules.hpp"

#include <algorithm>

namespace adaos::hub {
namespace {

constexpr std::string_view nodes_prefix = "/nodes/";
constexpr char const* hop = "adaos-hub";

net::Task<Result<net::StreamPtr>> open_stream(link::SessionPtr session) {
    co_return co_await session->open();
}

net::Task<void> refuse(net::Exchange& exchange, Error error) {
    net::Fields extra;
    extra.add("Proxy-Status", adaos::relay::proxy_status(hop, error));
    (void)co_await net::respond_problem(exchange, std::move(error), std::move(extra));
}

}  // namespace

net::Task<std::optional<api::Caller>> Hub::who(net::Exchange& exchange) {
    auto const local =
        api::local_scope(exchange.peer(), exchange.request(), options_.control_token);
    if (local) co_return api::Caller{*local, "local"};
    auto token = api::presented_token(exchange.request());
    if (token.empty()) co_return std::nullopt;
    auto const known = co_await desk_.check_token(std::move(token));
    if (!known || !*known) co_return std::nullopt;
    co_return api::Caller{(*known)->scope, enrol::actor_of(**known)};
}

net::Task<std::optional<enrol::Scope>> Hub::scope_of(net::Exchange& exchange) {
    auto const caller = co_await who(exchange);
    if (!caller) co_return std::nullopt;
    co_return caller->scope;
}

void Hub::add_routes() {
    using api::PathParts;
    using net::Exchange;
    router_.add_tree("/nodes/{node}/{path}",
                     [this](Exchange& exchange, PathParts) { return relay(exchange); });
    router_.add("GET", "/ws/subnet",
                [this](Exchange& exchange, PathParts) { return members_->serve(exchange); });
    router_.add("GET", "/api/node/members",
                [this](Exchange& exchange, PathParts) { return answer_members(exchange); });
    router_.add("POST", "/api/node/join-code",
                [this](Exchange& exchange, PathParts) { return create_code(exchange); });
    access_->add_routes(router_);
    join_->add_route(router_, "/api/node/join");
    pake_->add_routes(router_);
    grants_->add_routes(router_);
    tokens_->add_routes(router_);
    enrol_->add_routes(router_);
    machines_->add_routes(router_);
    nodes_door_->add_routes(router_);
    recover_->add_route(router_);
    renew_->add_route(router_);
    api::add_ca_route(router_, [this] {
        auto const& ca = issuer_.get()->certificate();
        return api::CaList{ca.to_pem(), ca.fingerprint()};
    });
}

net::Task<void> Hub::answer_members(net::Exchange& exchange) {
    auto const scope = co_await scope_of(exchange);
    auto const allowed = co_await api::allow(exchange, scope, enrol::Scope::view);
    if (!allowed) co_return;
    auto const nodes = co_await desk_.nodes(options_.config.subnet_id);
    if (!nodes) {
        co_await api::answer_error(exchange, nodes.error());
        co_return;
    }
    auto json = members_json(options_.config.subnet_id, *nodes, members_->links());
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

net::Task<void> Hub::create_code(net::Exchange& exchange) {
    api::WhoCalls const asks = [this](net::Exchange& from) { return who(from); };
    auto const caller = co_await api::admin_only(exchange, asks);
    if (!caller) co_return;
    auto const body = co_await api::json_body(exchange);
    if (!body) co_return;
    auto const request = parse_code_request(*body);
    if (!request) {
        co_await api::answer_error(exchange, request.error());
        co_return;
    }
    CodeAnswer answer;
    if (request->local) {
        enrol::MintOrder order;
        order.subnet_id = options_.config.subnet_id;
        order.ttl = std::chrono::minutes(request->ttl_minutes);
        order.length = request->length;
        order.created_by = caller->actor;
        auto const minted = co_await desk_.mint(std::move(order));
        if (!minted) {
            co_await api::answer_error(exchange, minted.error());
            co_return;
        }
        // Our own port's certificate is signed by the issuer itself.
        answer = {"local",
                  minted->display,
                  "",
                  "",
                  rfc3339(minted->expires_at),
                  issuer_.get()->certificate().fingerprint(),
                  minted->id};
    } else {
        auto const minted = co_await root_->mint_code(request->ttl_minutes, request->length);
        auto parsed = minted ? parse_root_code(*minted) : Result<CodeAnswer>(minted.error());
        if (!parsed) {
            co_await api::answer_error(exchange, parsed.error());
            co_return;
        }
        answer = std::move(*parsed);
    }
    answer.subnet_id = options_.config.subnet_id;
    auto json = code_json(answer);
    api::Created created{"../../v1/enrol/grants/", "grant_id",
                         request->local ? "" : "?authority=root"};
    co_await api::answer_created(exchange, std::move(json), std::move(created));
}

/// The node id of a member by id or name; a linked one is found without asking the store.
net::Task<Result<std::string>> Hub::find_member(std::string name_or_id) {
    if (is_node_id(name_or_id) && members_->links().find(name_or_id)) co_return name_or_id;
    if (!is_node_id(name_or_id) && !is_node_name(name_or_id))
        co_return Error(Problem::node_unknown, "");
    auto const node = co_await desk_.find_in(options_.config.subnet_id, name_or_id);
    if (!node) co_return node.error();
    if (!*node || (*node)->role != "member")
        co_return Error(Problem::node_unknown, "node " + name_or_id);
    co_return (*node)->node_id;
}

net::Task<void> Hub::relay(net::Exchange& exchange) {
    auto const path = std::string(exchange.request().path());
    if (!adaos::relay::is_clean_path(path)) {
        Error error(Problem::bad_request, "the path has dot segments or bytes that do not belong");
        co_await refuse(exchange, std::move(error));
        co_return;
    }
    auto const rest = std::string_view(path).substr(nodes_prefix.size());
    auto const slash = std::min(rest.find('/'), rest.size());
    auto const name = std::string(rest.substr(0, slash));
    auto const inner = slash == rest.size() ? std::string("/") : std::string(rest.substr(slash));
    // Which services are public is the member's own knowledge: it judges by the scope we tell.
    bool const open_page =
        inner == "/" || inner == "/api/ping" || inner == "/healthz" || inner.starts_with("/svc/");
    auto const scope = co_await scope_of(exchange);
    if (!open_page) {
        auto const needs = api::needed_for(exchange.request());
        auto const allowed = co_await api::allow(exchange, scope, needs);
        if (!allowed) co_return;
    }
    api::drop_credentials(exchange.request(), scope.has_value());
    auto const node_id = co_await find_member(name);
    if (!node_id) {
        co_await refuse(exchange, node_id.error());
        co_return;
    }
    auto const session = members_->links().find(*node_id);
    if (!session) {
        Error error(Problem::node_offline, "node " + name);
        co_await refuse(exchange, std::move(error));
        co_return;
    }
    adaos::relay::Route route;
    route.edge = exchange.peer().via == net::Peer::Via::link ? adaos::relay::Edge::no
                                                             : adaos::relay::Edge::yes;
    route.prefix = std::string(nodes_prefix) + name;
    route.target = exchange.request().target.substr(route.prefix.size());
    if (!route.target.starts_with('/')) route.target.insert(0, "/");
    route.hop = hop;
    route.upstream = "node " + name;
    route.add.add(api::scope_header, scope ? std::string(enrol::scope_name(*scope)) : "none");
    adaos::relay::Open const open = [session] { return open_stream(session); };
    co_await adaos::relay::forward(exchange, std::move(route), open, env_.timers, env_.log);
}

}  // namespace adaos::hub

#include "service/door.hpp"

#include "api/caller.hpp"
#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "relay/forwarder.hpp"
#include "relay/head_rules.hpp"
#include "relay/pipe.hpp"
#include "relay/prefix_rules.hpp"
#include "service/proxy_protocol.hpp"

#include <algorithm>

namespace adaos::service {
namespace {

constexpr std::string_view prefix = "/svc/";

net::Task<Result<net::StreamPtr>> dial(net::Network& network, net::Endpoint at, std::string name) {
    auto stream = co_await network.connect(std::move(at), dial_timeout);
    if (stream) co_return stream;
    // Where a service listens is its owner's business: callers read its name only.
    bool const slow = stream.error().code == Problem::timed_out;
    auto const problem = slow ? Problem::upstream_slow : Problem::upstream_refused;
    co_return Error(problem, "service " + name);
}

std::string field_or_empty(net::Fields const& fields, std::string_view name) {
    auto const* const found = fields.find(name);
    return found == nullptr ? std::string() : *found;
}

/// As the caller sees it: what the hops above us tell, or our own socket.
relay::Seen seen_from_outside(net::Exchange& exchange, std::string const& own, Target const& to) {
    auto const& fields = exchange.request().fields;
    auto const& peer = exchange.peer();
    bool const direct = peer.via == net::Peer::Via::socket;
    relay::Seen seen;
    seen.prefix = (direct ? std::string() : field_or_empty(fields, "x-forwarded-prefix")) + own;
    auto const host = field_or_empty(fields, direct ? "host" : "x-forwarded-host");
    auto const proto = direct ? std::string(peer.tls ? "https" : "http")
                              : field_or_empty(fields, "x-forwarded-proto");
    if (!host.empty() && !proto.empty()) seen.origin = proto + "://" + host;
    seen.authority = to.authority;
    return seen;
}

std::string rest_of(std::string_view target, std::string const& own) {
    auto rest = std::string(target.substr(own.size()));
    if (!rest.starts_with('/')) rest.insert(0, "/");
    return rest;
}

}  // namespace

Door::Door(net::Env env, identity::BaseDir dir, std::string hop, ScopeOf scope_of)
    : env_(std::move(env)),
      book_(std::move(dir)),
      hop_(std::move(hop)),
      scope_of_(std::move(scope_of)) {
    refresh();
}

void Door::add_routes(api::Router& router) {
    router.add_tree("/svc/{service}/{path}",
                    [this](net::Exchange& exchange, api::PathParts) { return serve(exchange); });
}

void Door::refresh() {
    auto const done = book_.refresh();
    if (!done) env_.log.error("services not taken up", {{"cause", done.error().message()}});
}

net::Task<void> Door::refuse(net::Exchange& exchange, Error error) {
    net::Fields extra;
    extra.add("Proxy-Status", relay::proxy_status(hop_, error));
    if (error.code == Problem::service_is_tcp) extra.add("Upgrade", std::string(tcp_protocol));
    (void)co_await net::respond_problem(exchange, std::move(error), std::move(extra));
}

/// Whether a service is there is for those to know who may see this node.
net::Task<bool> Door::admit(net::Exchange& exchange, Service const* service) {
    bool const open = service != nullptr && service->open;
    auto needs = api::needed_for(exchange.request());
    if (service != nullptr && service->scope) needs = *service->scope;
    auto const scope = co_await scope_of_(exchange);
    if (!open) {
        auto const allowed = co_await api::allow(exchange, scope, needs);
        if (!allowed) co_return false;
    }
    api::drop_credentials(exchange.request(), scope.has_value());
    auto const word = scope ? std::string(enrol::scope_name(*scope)) : std::string("none");
    exchange.request().fields.set(api::scope_header, word);
    co_return true;
}

net::Task<void> Door::serve(net::Exchange& exchange) {
    auto const path = std::string(exchange.request().path());
    if (!relay::is_clean_path(path)) {
        Error error(Problem::bad_request, "the path has dot segments or bytes that do not belong");
        co_await refuse(exchange, std::move(error));
        co_return;
    }
    auto const rest = std::string_view(path).substr(prefix.size());
    auto const name = std::string(rest.substr(0, rest.find('/')));
    auto const* const found = book_.find(name);
    // A copy: the book may change while this one is served.
    auto const service = found == nullptr ? std::optional<Service>() : std::optional(*found);
    auto const* const there = service ? &*service : nullptr;
    auto const admitted = co_await admit(exchange, there);
    if (!admitted) co_return;
    auto const target = service ? parse_target(service->target)
                                : Result<Target>(Error(Problem::service_unknown, name));
    if (!target) {
        co_await refuse(exchange, target.error());
        co_return;
    }
    if (target->speaks == Target::Speaks::tcp)
        co_await serve_tcp(exchange, *service, *target);
    else
        co_await serve_http(exchange, *service, *target);
}

net::Task<void> Door::serve_http(net::Exchange& exchange, Service service, Target target) {
    auto const own = std::string(prefix) + service.name;
    auto const path = exchange.request().path();
    if (path == own &&
        (exchange.request().method == "GET" || exchange.request().method == "HEAD")) {
        net::ResponseHead head;
        head.status = 308;  // relative, so that it is right behind any prefix (RFC 3986, 5.2)
        auto const query = exchange.request().query();
        head.fields.add("Location",
                        service.name + "/" + (query.empty() ? "" : "?" + std::string(query)));
        (void)co_await net::respond_whole(exchange, std::move(head), "");
        co_return;
    }
    auto const seen = seen_from_outside(exchange, own, target);
    relay::Route route;
    route.edge = exchange.peer().via == net::Peer::Via::link ? relay::Edge::no : relay::Edge::yes;
    route.prefix = own;
    route.target = rest_of(exchange.request().target, own);
    route.hop = hop_;
    route.upstream = "service " + service.name;
    route.add.add(api::scope_header, field_or_empty(exchange.request().fields, api::scope_header));
    route.correct = [seen](net::ResponseHead& head) { relay::translate_answer(head, seen); };
    relay::Open const open = [this, at = target.at, name = service.name] {
        return dial(env_.network, at, name);
    };
    co_await relay::forward(exchange, std::move(route), open, env_.timers, env_.log);
}

net::Task<void> Door::serve_tcp(net::Exchange& exchange, Service service, Target target) {
    auto const& fields = exchange.request().fields;
    bool const wanted = fields.has_token("connection", "upgrade") &&
                        equal_ignoring_case(field_or_empty(fields, "upgrade"), tcp_protocol);
    if (!wanted) {
        co_await refuse(exchange, Error(Problem::service_is_tcp, "service " + service.name));
        co_return;
    }
    auto const source = api::caller_address(exchange);
    auto below = co_await dial(env_.network, target.at, service.name);
    if (!below) {
        co_await refuse(exchange, below.error());
        co_return;
    }
    if (service.proxy_protocol) {
        auto const header = proxy_header(source);
        auto const told = co_await (*below)->write_all(header);
        if (!told) {
            co_await refuse(exchange, Error(Problem::upstream_refused, "service " + service.name));
            co_return;
        }
    }
    net::ResponseHead head;
    head.status = 101;
    head.fields.add("Connection", "Upgrade");
    head.fields.add("Upgrade", std::string(tcp_protocol));
    auto above = co_await exchange.upgrade(std::move(head));
    if (!above) {
        (*below)->abort();
        co_return;
    }
    co_await relay::join_streams(**above, **below, env_.log);
    co_await (*below)->close();
}

}  // namespace adaos::service

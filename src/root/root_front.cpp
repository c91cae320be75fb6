#include "root/root_front.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"
#include "relay/forwarder.hpp"
#include "relay/head_rules.hpp"
#include "relay/prefix_rules.hpp"

namespace adaos::root {
namespace {

constexpr std::string_view hubs_prefix = "/hubs/";
constexpr char const* hop = "adaos-root";

net::Task<void> refuse(net::Exchange& exchange, Error error) {
    net::Fields extra;
    extra.add("Proxy-Status", relay::proxy_status(hop, error));
    (void)co_await net::respond_problem(exchange, std::move(error), std::move(extra));
}

net::Task<Result<net::StreamPtr>> open_stream(link::SessionPtr session) {
    co_return co_await session->open();
}

}  // namespace

RootFront::RootFront(HubLinks& links, Clock const& clock, net::Timers& timers, Log log)
    : links_(links), timers_(timers), log_(std::move(log)) {
    router_.add_tree("/hubs/{subnet_id}/{path}",
                     [this](net::Exchange& exchange, api::PathParts) { return relay(exchange); });
    router_.add("GET", "/ws/hub",
                [this](net::Exchange& exchange, api::PathParts) { return links_.serve(exchange); });
    auto const self = [] { return api::Self{"adaos-root", "", "Root", "Root", ""}; };
    api::add_open_pages(router_, self, clock);
}

net::Task<void> RootFront::handle(net::Exchange& exchange) {
    api::Drain::Counted const counted(drain_, exchange);
    auto const refused = co_await drain_.refuse(exchange);
    if (refused) co_return;
    co_await router_.answer(exchange);
}

net::Task<void> RootFront::relay(net::Exchange& exchange) {
    auto const path = std::string(exchange.request().path());
    auto const rest = std::string_view(path).substr(hubs_prefix.size());
    auto const slash = rest.find('/');
    auto const subnet = std::string(rest.substr(0, slash));
    if (!adaos::relay::is_clean_path(path)) {
        Error error(Problem::bad_request, "the path has dot segments or bytes that do not belong");
        co_await refuse(exchange, std::move(error));
        co_return;
    }
    auto session = is_subnet_id(subnet) ? links_.find(subnet) : nullptr;
    if (!session) {
        bool const known = links_.knows(subnet);
        Error error(known ? Problem::hub_offline : Problem::subnet_unknown,
                    is_subnet_id(subnet) ? "hub of " + subnet : "");
        co_await refuse(exchange, std::move(error));
        co_return;
    }
    auto const& target = exchange.request().target;
    adaos::relay::Route route;
    route.edge = adaos::relay::Edge::yes;
    route.prefix = std::string(hubs_prefix) + subnet;
    route.target = target.substr(route.prefix.size());
    if (!route.target.starts_with('/')) route.target.insert(0, "/");
    route.hop = hop;
    route.upstream = "hub of " + subnet;
    route.correct = [prefix = route.prefix, path](net::ResponseHead& head) {
        adaos::relay::pin_answer(head, prefix, path);
    };
    adaos::relay::Open const open = [session] { return open_stream(session); };
    co_await adaos::relay::forward(exchange, std::move(route), open, timers_, log_);
}

}  // namespace adaos::root

#include "root/root_front.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"
#include "relay/forwarder.hpp"
#include "relay/head_rules.hpp"

namespace adaos::root {
namespace {

constexpr std::string_view hubs_prefix = "/hubs/";
constexpr std::string_view subnets_prefix = "/v1/subnets/";
constexpr char const* hop = "adaos-root";

net::Task<void> refuse(net::Exchange& exchange, Error error) {
    net::Fields extra;
    extra.add("Proxy-Status", relay::proxy_status(hop, error));
    if (describe(error.code).http_status == 503) extra.add("Retry-After", "2");
    (void)co_await net::respond_problem(exchange, std::move(error), std::move(extra));
}

net::Task<Result<net::StreamPtr>> open_stream(link::SessionPtr session) {
    co_return co_await session->open();
}

}  // namespace

RootFront::RootFront(HubLinks& links, Registration& registration, api::JoinDoor& join,
                     api::RecoverDoor& recover, api::NodesDoor& nodes, Clock const& clock,
                     net::Timers& timers, Log log)
    : links_(links),
      registration_(registration),
      join_(join),
      nodes_(nodes),
      recover_(recover),
      clock_(clock),
      timers_(timers),
      log_(std::move(log)) {}

net::Task<void> RootFront::handle(net::Exchange& exchange) {
    api::Drain::Counted const counted(drain_, exchange);
    auto const refused = co_await drain_.refuse(exchange);
    if (refused) co_return;
    auto const path = std::string(exchange.request().path());
    if (path.starts_with(hubs_prefix)) {
        co_await relay(exchange, path);
        co_return;
    }
    if (path == "/ws/hub") {
        co_await links_.serve(exchange);
        co_return;
    }
    if (path == "/v1/subnets/join") {
        co_await join_.handle(exchange);
        co_return;
    }
    if (path == "/v1/bootstrap_token") {
        co_await registration_.bootstrap_token(exchange);
        co_return;
    }
    if (path == "/v1/subnets/register") {
        co_await registration_.register_subnet(exchange);
        co_return;
    }
    if (path == "/v1/enrol/recover") {
        co_await recover_.handle(exchange);
        co_return;
    }
    if (path.starts_with(subnets_prefix)) {
        co_await registration_.remove_subnet(exchange, path.substr(subnets_prefix.size()));
        co_return;
    }
    auto const routed = co_await router_.handle(exchange);
    if (routed) co_return;
    auto const of_nodes = co_await nodes_.handle(exchange, path);
    if (of_nodes) co_return;
    api::Self const self{"adaos-root", "", "Root", "Root", ""};
    auto const answered = co_await api::answer_open_page(exchange, path, self, clock_);
    if (answered) co_return;
    Error error(Problem::not_found, path);
    co_await api::answer_error(exchange, std::move(error));
}

net::Task<void> RootFront::relay(net::Exchange& exchange, std::string_view path) {
    auto const rest = path.substr(hubs_prefix.size());
    auto const slash = rest.find('/');
    auto const subnet = std::string(rest.substr(0, slash));
    if (!adaos::relay::is_clean_path(path)) {
        Error error(Problem::bad_request, "the path has dot segments or bytes that do not belong");
        co_await refuse(exchange, std::move(error));
        co_return;
    }
    auto session = is_subnet_id(subnet) ? links_.find(subnet) : nullptr;
    if (!session) {
        bool const known = subnets_.contains(subnet);
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
    adaos::relay::Open const open = [session] { return open_stream(session); };
    co_await adaos::relay::forward(exchange, std::move(route), open, timers_, log_);
}

}  // namespace adaos::root

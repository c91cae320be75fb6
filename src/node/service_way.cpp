#include "node/service_way.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"
#include "node/answer.hpp"
#include "node/join_options.hpp"
#include "node/local_node.hpp"
#include "service/door.hpp"

namespace adaos::node {
namespace {

/// Root may be far; the hub and the service have limits of their own, which are shorter.
constexpr std::chrono::seconds way_limit{30};

/// What a hub calls itself among its nodes: its own services are not below /nodes/.
constexpr std::string_view hub_word = "hub";

Result<net::Fetch> server_of(Context& context, ServerTarget const& target) {
    auto url = parse_url_option("--server", *target.server);
    if (!url) return url.error();
    if (url->scheme != "https" && !net::is_loopback(url->host))
        return Error(Problem::invalid_option, "--server: a token goes over https only");
    auto const pin = parse_pin_option(target.ca_fingerprint, *url);
    if (!pin) return pin.error();
    auto const token = cli::read_secret(target.token, context.secret_ways());
    if (!token) return token.error();
    net::Fetch out;
    out.url = std::move(*url);
    out.fields.add("X-AdaOS-Token", token->reveal());
    if (!pin->empty()) out.trust.ca_fingerprint = *pin;
    return out;
}

Result<net::Fetch> own_hub(Context& context) {
    auto const dir = context.find_base_dir();
    if (!dir) return dir.error();
    if (auto hub = require_hub(*dir); hub.has_error()) return hub.error();
    auto node = find_local_node(context, *dir, std::nullopt);
    if (!node) return node.error();
    net::Fetch out;
    out.url = std::move(node->url);
    out.url.path = "/";
    out.fields.add("X-AdaOS-Token", node->token.reveal());
    return out;
}

Error refused(net::Reply const& reply) {
    if (is_problem(reply)) return problem_of(reply);
    return Error(Problem::bad_answer,
                 "something else answers, with status " + std::to_string(reply.head.status));
}

}  // namespace

Result<ServiceWay> ServiceWay::find(Context& context, ConnectOptions const& options) {
    if (!is_node_name(options.node) && !is_node_id(options.node))
        return Error(Problem::invalid_option, "NODE: this is no node name or id");
    if (!is_node_name(options.service))
        return Error(Problem::invalid_option, "NAME: this is no name of a service");
    auto const& target = options.target;
    if (target.subnet && !is_subnet_id(*target.subnet))
        return Error(Problem::invalid_option, "--subnet: " + *target.subnet);
    if (target.subnet && !target.server)
        return Error(Problem::invalid_option, "--subnet goes with --server");
    auto server = target.server ? server_of(context, target) : own_hub(context);
    if (!server) return server.error();
    ServiceWay way;
    way.prefix_ = server->url.path;
    while (way.prefix_.ends_with('/')) way.prefix_.pop_back();
    if (target.subnet) way.prefix_ += "/hubs/" + *target.subnet;
    server->timeout = way_limit;
    way.server_ = std::move(*server);
    way.node_ = options.node;
    way.service_ = options.service;
    way.path_ = "/nodes/" + way.node_ + "/svc/" + way.service_;
    return way;
}

net::Fetch ServiceWay::request(std::string path) const {
    auto out = server_;
    out.url.path = prefix_ + std::move(path);
    return out;
}

/// A GET without an upgrade: a TCP service says 426.
net::Task<Result<void>> ServiceWay::check(RunLoop& loop) {
    auto asked = request(path_);
    auto reply = co_await net::fetch(loop.network(), loop.timers(), std::move(asked));
    if (!reply) co_return reply.error();
    bool const unknown = is_problem(*reply) && problem_of(*reply).code == Problem::node_unknown;
    if (unknown && node_ == hub_word) {
        path_ = "/svc/" + service_;
        asked = request(path_);
        reply = co_await net::fetch(loop.network(), loop.timers(), std::move(asked));
        if (!reply) co_return reply.error();
    }
    if (is_problem(*reply) && problem_of(*reply).code == Problem::service_is_tcp)
        co_return Result<void>();
    if (reply->head.status < 400)
        co_return Error(Problem::service_is_http,
                        server_.url.origin() + prefix_ + path_ + "/ is its address");
    co_return refused(*reply);
}

net::Task<Result<net::StreamPtr>> ServiceWay::open(RunLoop& loop) const {
    auto asked = request(path_);
    auto protocol = std::string(service::tcp_protocol);
    auto done = co_await net::fetch_upgrade(loop.network(), loop.timers(), std::move(asked),
                                            std::move(protocol));
    if (!done) co_return done.error();
    if (!done->stream) co_return refused(done->refusal);
    co_return std::move(done->stream);
}

}  // namespace adaos::node

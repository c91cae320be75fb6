#include "node/agent_app.hpp"

#include "api/open_pages.hpp"
#include "base/problem.hpp"
#include "identity/machine.hpp"
#include "net/tls_mutual.hpp"
#include "node/agent_client.hpp"
#include "node/agent_renewal.hpp"
#include "registry/heartbeat.hpp"

namespace adaos::node {
namespace {

/// For exchanges under way when a signal comes.
constexpr std::chrono::seconds last_words{1};

registry::Heartbeat heartbeat_of(AgentConfig const& config) {
    registry::Heartbeat said;
    auto& what = said.inventory;
    what.architecture = identity::machine_architecture();
    what.agent_version = ADAOS_VERSION;
    what.advertised_endpoint = config.advertised_endpoint;
    what.migration_host = config.migration_host;
    what.migration_port_start = config.migration_port_range_start;
    what.migration_port_end = config.migration_port_range_end;
    return said;
}

Result<std::shared_ptr<net::TlsContext const>> server_tls(AgentMaterial const& material) {
    net::TlsIdentity const identity{material.cert_pem, material.key_pem};
    auto made = net::make_mutual_server(identity, material.ca_pem);
    if (!made) return made.error();
    return std::make_shared<net::TlsContext const>(std::move(*made));
}

}  // namespace

AgentApp::AgentApp(net::Env env, std::filesystem::path config_path,
                   std::function<void(AgentMaterial const&, net::Endpoint)> ready)
    : env_(env),
      config_path_(std::move(config_path)),
      ready_(std::move(ready)),
      tasks_(env.loop, env.log) {
    auto const self = [this] {
        return api::Self{"adaos-agent", material_.who.node_id, material_.config.node_name, "agent",
                         material_.who.subnet_id};
    };
    api::add_open_pages(router_, self, env_.clock);
}

/// The same trouble is logged once, until it changes.
void AgentApp::tell(char const* text, Result<void> const& result) {
    auto const why = result ? std::string() : result.error().message();
    if (why == told_[text]) return;
    told_[text] = why;
    if (!why.empty()) env_.log.warning(text, {{"cause", why}});
}

net::Task<void> AgentApp::run() {
    for (;;) {
        auto const begun = begin();
        if (begun) break;
        auto const renewed = co_await renew_if_due();  // one that has ended is why we do not serve
        if (renewed && *renewed) continue;
        tell("not ready to serve yet", renewed ? begun : renewed.error());
        co_await net::sleep(env_.timers, agent_look_interval);
    }
    tasks_.spawn(beat());
    co_await server_->run();
}

/// From state A to state B, if all is there.
Result<void> AgentApp::begin() {
    auto material = load_agent_material(config_path_, env_.clock.wall());
    if (!material) return material.error();
    if (env_.clock.wall() >= material->ends_at)
        return Error(Problem::state_damaged,
                     material->config.cert_path + ": it ended at " + rfc3339(material->ends_at));
    auto tls = server_tls(*material);
    if (!tls) return tls.error();
    auto const at = parse_listen(material->config.listen);
    if (!at) return at.error();
    auto acceptor = env_.network.listen({at->host, at->port});
    if (!acceptor) return acceptor.error();
    net::HttpServer::Options options;
    options.security = net::Security::tls;
    server_ = std::make_unique<net::HttpServer>(env_.loop, std::move(*acceptor), *this, env_.timers,
                                                options, env_.log);
    server_->set_tls(std::move(*tls));
    material_ = std::move(*material);
    env_.log.info("serving", {{"listen", server_->local().text()},
                              {"node", material_.who.node_id},
                              {"name", material_.config.node_name}});
    ready_(material_, server_->local());
    return {};
}

net::Task<void> AgentApp::handle(net::Exchange& exchange) {
    co_await router_.answer(exchange);
}

net::Task<void> AgentApp::beat() {
    bool was_heard = false;
    for (;;) {
        auto const renewed = co_await renew_if_due();
        tell("certificate not renewed", renewed ? Result<void>() : renewed.error());
        auto const done = co_await report();
        tell("heartbeat not delivered", done);
        if (done && !was_heard) env_.log.info("the control plane has heard this node");
        was_heard = done.has_value();
        co_await net::sleep(env_.timers, material_.config.heartbeat_interval);
    }
}

/// From half of its certificate's life on, with each heartbeat until it is done. True when it was.
net::Task<Result<bool>> AgentApp::renew_if_due() {
    auto material = load_agent_material(config_path_, env_.clock.wall());
    if (!material || !material->is_renewable || env_.clock.wall() < material->renew_at)
        co_return false;  // what else is wrong is said elsewhere
    auto const node_id = material->who.node_id;
    auto const done = co_await renew_agent(env_, std::move(*material));
    if (!done) co_return done.error();
    env_.log.info("certificate renewed", {{"node", node_id}});
    co_return true;
}

/// With what is on disk now: a renewed certificate is taken up, a lost one is a failure.
net::Task<Result<void>> AgentApp::report() {
    auto now = load_agent_material(config_path_, env_.clock.wall());
    if (!now) co_return now.error();
    if (now->cert_fingerprint != material_.cert_fingerprint) {
        auto tls = server_tls(*now);
        if (!tls) co_return tls.error();
        server_->set_tls(std::move(*tls));
    }
    material_ = std::move(*now);
    net::Fetch request;
    request.method = "POST";
    auto url = net::parse_url(material_.config.control_plane_url);
    if (!url) co_return url.error();
    request.url = std::move(*url);
    request.url.path = "/v1/nodes/" + material_.config.node_name + "/heartbeat";
    request.fields.add("Content-Type", "application/json");
    request.body = registry::to_json(heartbeat_of(material_.config));
    request.timeout = material_.config.request_timeout;
    net::TlsTrust pinned;
    pinned.ca_fingerprint = material_.ca_fingerprint;
    std::optional<net::TlsIdentity> const identity(
        net::TlsIdentity{material_.cert_pem, material_.key_pem});
    auto context = net::make_strict_client(pinned, identity);
    if (!context) co_return context.error();
    context->judge_by(env_.clock);
    auto const where = request.url.origin();
    auto const reply =
        co_await net::fetch_with(env_.network, env_.timers, std::move(request), *context);
    if (!reply) co_return reply.error();
    if (reply->head.status != 200) co_return remote_error(*reply, where);
    co_return Result<void>();
}

net::Task<void> AgentApp::stop() {
    if (server_) co_await server_->stop(last_words);
    co_await tasks_.stop();
}

}  // namespace adaos::node

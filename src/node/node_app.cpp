#include "node/node_app.hpp"

#include "api/probe.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "identity/runtime_state.hpp"
#include "node/join_code_text.hpp"
#include "node/local_hosts.hpp"
#include "registry/nodes.hpp"

#include <utility>

namespace adaos::node {
namespace {

constexpr char const* status_path = "/api/node/status";

/// Where machines that come with a secret find a hub that listens there. Their doors want TLS, but
/// on this machine.
std::string doors_url(net::Endpoint const& at) {
    auto found = hub_address(at.host, at.port, local_hosts(at.host));
    if (!net::is_loopback(found.host)) found.scheme = "https";
    return found.origin();
}

/// How often node.yaml is looked at: a join that could not reach us is noticed within this time.
constexpr std::chrono::milliseconds watch_step{1000};

/// For connections that are idle by then, or upgraded.
constexpr std::chrono::milliseconds last_words{200};

std::string node_name(identity::NodeConfig const& config) {
    for (auto const& name : config.node_names)
        if (is_node_name(name)) return name;
    return registry::name_from_hostname(host_name());
}

}  // namespace

NodeApp::NodeApp(net::Env env, Options options)
    : env_(env), options_(std::move(options)), tasks_(env.loop, env.log) {}

Result<std::unique_ptr<NodeApp>> NodeApp::open(net::Env env, Options options) {
    std::unique_ptr<NodeApp> app(new NodeApp(std::move(env), std::move(options)));
    if (auto loaded = app->load(); !loaded) return loaded.error();
    auto token = identity::control_token(app->options_.dir, app->env_.random);
    if (!token) return token.error();
    app->control_token_ = std::move(*token);
    app->add_routes();
    if (auto listening = app->listen(); !listening) return listening.error();
    auto role = app->make_role();
    if (!role) return role.error();
    app->take_role(std::move(*role));
    return app;
}

/// Until the file that was read is the file that is there: a join or registration may write it just
/// then, and `watch` would never see a change.
Result<void> NodeApp::load() {
    auto const file = options_.dir.node_yaml();
    do {
        config_version_ = store::version_of(file);
        auto loaded = identity::load_config(options_.dir, env_.random);
        if (!loaded) return loaded.error();
        if (!loaded->set_aside.empty())
            env_.log.warning("node.yaml was broken; identity recovered",
                             {{"copy", loaded->set_aside}});
        config_ = std::move(loaded->config);
    } while (store::version_of(file) != config_version_);
    return {};
}

void NodeApp::add_routes() {
    using api::PathParts;
    api::add_open_pages(
        router_, [this] { return role_.self(); }, env_.clock);
    router_.add("GET", status_path, [this](net::Exchange& exchange, PathParts) {
        return answer_status(role_, exchange);
    });
    router_.add("POST", "/api/node/reload",
                [this](net::Exchange& exchange, PathParts) { return reload(exchange); });
    router_.add("GET", "/api/probe/download", [this](net::Exchange& exchange, PathParts) {
        return probe(role_, exchange, false);
    });
    services_ = std::make_unique<service::Door>(
        env_, options_.dir, "adaos-node",
        [this](net::Exchange& exchange) { return scope_of(role_, exchange); });
    services_->add_routes(router_);
    router_.add("POST", "/api/probe/upload", [this](net::Exchange& exchange, PathParts) {
        return probe(role_, exchange, true);
    });
}

Result<std::unique_ptr<net::HttpServer>> NodeApp::listen_at(net::Endpoint at) {
    auto acceptor = env_.network.listen(std::move(at));
    if (!acceptor) return acceptor.error();
    net::HttpServer::Options options;
    options.security = options_.security;
    return std::make_unique<net::HttpServer>(env_.loop, std::move(*acceptor), *this, env_.timers,
                                             options, env_.log);
}

Result<void> NodeApp::listen() {
    auto server = listen_at({options_.host, options_.port});
    if (!server) return server.error();
    server_ = std::move(*server);
    auto const at = server_->local();
    if (net::is_loopback(at.host) || at.host == "0.0.0.0" || at.host == "::") return {};
    auto loopback = listen_at({"127.0.0.1", at.port});
    if (!loopback) return loopback.error();
    loopback_ = std::move(*loopback);
    return {};
}

void NodeApp::set_tls(std::shared_ptr<net::TlsContext const> tls) {
    if (loopback_) loopback_->set_tls(tls);
    server_->set_tls(std::move(tls));
}

std::string NodeApp::url() const {
    auto at = server_->local();
    if (at.host == "0.0.0.0") at.host = "127.0.0.1";
    if (at.host == "::") at.host = "::1";
    return "http://" + at.text();
}

Result<NodeApp::Role> NodeApp::make_role() {
    auto const name = node_name(config_);
    Role role;
    if (config_.role == identity::Role::member) {
        role.member = std::make_shared<member::Member>(
            env_, member::Member::Options{options_.dir, config_, name, control_token_});
        role.member->serve_streams_with(*this);
        set_tls(nullptr);
        return role;
    }
    auto hub =
        hub::Hub::open(env_, hub::Hub::Options{options_.dir, config_, name, control_token_,
                                               doors_url(local()), local_hosts(options_.host),
                                               options_.cert_life, options_.recovery_budget});
    if (!hub) return hub.error();
    if (auto made = make_tls(**hub); !made) return made.error();
    role.hub = std::move(*hub);
    role.hub->serve_streams_with(*this);
    return role;
}

Result<void> NodeApp::make_tls(hub::Hub& hub) {
    auto identity = hub.server_identity(local_hosts(options_.host));
    if (!identity) return identity.error();
    auto const leaf = pki::Certificate::from_pem(identity->chain_pem);
    if (!leaf) return leaf.error();
    auto tls = net::TlsContext::make_server(*identity, hub.client_anchors());
    if (!tls) return tls.error();
    tls->judge_by(env_.clock);
    set_tls(std::make_shared<net::TlsContext const>(std::move(*tls)));
    tls_due_ = pki::half_life(*leaf);
    issuer_version_ = hub.issuer_version();
    return {};
}

/// The certificate of a hub's own port does not outlive half its time, or its issuer's.
void NodeApp::keep_tls() {
    if (!role_.hub) return;
    bool const fresh =
        env_.clock.wall() < tls_due_ && role_.hub->issuer_version() == issuer_version_;
    if (fresh) return;
    auto const made = make_tls(*role_.hub);
    if (!made) env_.log.error("TLS not renewed", {{"cause", made.error().message()}});
}

void NodeApp::take_role(Role role) {
    role_ = std::move(role);
    tasks_.spawn(run_role(role_));
}

net::Task<void> NodeApp::run_role(Role role) {
    if (role.hub) co_await role.hub->run();
    if (role.member) co_await role.member->run();
}

net::Task<void> NodeApp::stop_role(Role role) {
    if (role.hub) co_await role.hub->stop();
    if (role.member) co_await role.member->stop();
}

net::Task<void> NodeApp::run() {
    tasks_.spawn(watch());
    if (loopback_) tasks_.spawn(loopback_->run());
    co_await server_->run();
}

net::Task<void> NodeApp::stop(std::chrono::milliseconds grace) {
    stopping_ = true;
    role_.begin_stop();
    co_await drain_.run(env_.timers, grace);
    co_await stop_role(role_);
    if (loopback_) co_await loopback_->stop(last_words);
    co_await server_->stop(last_words);
    co_await tasks_.stop();
}

std::vector<api::Router::Route> NodeApp::routes() const {
    auto all = router_.routes();
    if (!role_.hub) return all;
    auto const& more = role_.hub->router().routes();
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

net::Task<std::optional<enrol::Scope>> NodeApp::scope_of(Role const& role,
                                                         net::Exchange& exchange) {
    if (role.member) co_return role.member->scope_of(exchange);
    co_return co_await role.hub->scope_of(exchange);
}

net::Task<void> NodeApp::handle(net::Exchange& exchange) {
    auto const role = role_;  // this exchange's, even if the node changes its role meanwhile
    auto const path = std::string(exchange.request().path());
    if (path == status_path) {  // stopping or not
        co_await router_.answer(exchange);
        co_return;
    }
    api::Drain::Counted const counted(drain_, exchange);
    auto const refused = co_await drain_.refuse(exchange);
    if (refused) co_return;
    auto const own = co_await router_.handle(exchange);
    if (own) co_return;
    auto& others = role.hub ? role.hub->router() : router_;
    co_await others.answer(exchange);
}

net::Task<void> NodeApp::answer_status(Role role, net::Exchange& exchange) {
    auto const scope = co_await scope_of(role, exchange);
    auto const allowed = co_await api::allow(exchange, scope, enrol::Scope::view);
    if (!allowed) co_return;
    (void)co_await net::respond_json(exchange, 200, role.status_json());
}

net::Task<void> NodeApp::probe(Role role, net::Exchange& exchange, bool upload) {
    auto const scope = co_await scope_of(role, exchange);
    auto const needs = api::needed_for(exchange.request());
    auto const allowed = co_await api::allow(exchange, scope, needs);
    if (!allowed) co_return;
    if (upload)
        co_await api::probe_upload(exchange);
    else
        co_await api::probe_download(exchange);
}

net::Task<void> NodeApp::reload(net::Exchange& exchange) {
    auto const scope = api::local_scope(exchange.peer(), exchange.request(), control_token_);
    if (!scope) {
        Error error(Problem::local_only, "the local control token is needed");
        co_await api::answer_error(exchange, std::move(error));
        co_return;
    }
    auto const done = reload_now();
    if (!done) {
        co_await api::answer_error(exchange, done.error());
        co_return;
    }
    auto json = std::string("{\"ok\":true,\"role\":\"") + std::string(role_name(config_.role)) +
                "\",\"subnet_id\":\"" + config_.subnet_id + "\"}\n";
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

Result<void> NodeApp::reload_now() {
    auto before = config_;
    if (auto loaded = load(); !loaded) return loaded.error();
    auto role = make_role();
    if (!role) {
        config_ = std::move(before);
        return role.error();
    }
    tasks_.spawn(stop_role(role_));
    take_role(std::move(*role));
    env_.log.info("membership taken up",
                  {{"role", std::string(role_name(config_.role))}, {"subnet", config_.subnet_id}});
    return {};
}

/// A join or registration writes node.yaml last; seeing it change is seeing the membership.
net::Task<void> NodeApp::watch() {
    std::string told;
    for (;;) {
        co_await net::sleep(env_.timers, watch_step);
        if (stopping_) co_return;
        keep_tls();
        services_->refresh();
        auto const version = store::version_of(options_.dir.node_yaml());
        if (version == config_version_ || version == store::Version{}) continue;
        auto const done = reload_now();
        if (!done) config_version_ = {};  // what is missing may still come: look again
        auto const why = done ? std::string() : done.error().message();
        if (why != std::exchange(told, why) &&
            !why.empty())  // one line per cause, not one a second
            env_.log.error("node.yaml changed but cannot be taken up", {{"cause", why}});
    }
}

}  // namespace adaos::node

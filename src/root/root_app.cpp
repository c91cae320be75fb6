#include "root/root_app.hpp"

#include "api/serve_file.hpp"
#include "base/problem.hpp"
#include "net/http_client.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace adaos::root {
namespace {

/// For connections that are idle by then, or upgraded.
constexpr std::chrono::milliseconds last_words{200};

std::vector<std::string> served_hosts(std::string const& host, net::Url const& url) {
    std::vector<std::string> hosts{"localhost", "127.0.0.1", "::1"};
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0')
        hosts.emplace_back(name.data());
    for (auto const& extra : {host, url.host}) {
        bool const wildcard = extra == "0.0.0.0" || extra == "::" || extra.empty();
        if (!wildcard && std::find(hosts.begin(), hosts.end(), extra) == hosts.end())
            hosts.push_back(extra);
    }
    return hosts;
}

}  // namespace

RootApp::RootApp(net::Env env, RootOptions options, CaSet cas, api::DeskFiles files)
    : env_(std::move(env)),
      options_(std::move(options)),
      ca_(cas.signer),
      desk_(std::move(files.database), std::move(files.mac_key), env_.clock, env_.random,
            env_.timers, {}, env_.log) {
    use_cas(std::move(cas));
}

Result<std::unique_ptr<RootApp>> RootApp::open(net::Env env, RootOptions options) {
    auto const keys_version = store::version_of(options.dir.keys());
    auto cas = load_or_make_ca_set(options.dir, env.clock, env.random);
    if (!cas) return cas.error();
    auto files = api::open_desk_files(options.dir.database(), options.dir.mac_key(), env.random);
    if (!files) return files.error();
    std::unique_ptr<RootApp> app(
        new RootApp(std::move(env), std::move(options), std::move(*cas), std::move(*files)));
    app->keys_version_ = keys_version;
    if (auto listening = app->listen(); !listening) return listening.error();
    return app;
}

Result<void> RootApp::listen() {
    auto token = load_or_make_token(options_.dir, env_.random);
    if (!token) return token.error();
    auto acceptor = env_.network.listen({options_.host, options_.port});
    if (!acceptor) return acceptor.error();
    auto at = (*acceptor)->local();
    if (at.host == "0.0.0.0") at.host = "127.0.0.1";
    if (at.host == "::") at.host = "::1";
    auto const url =
        net::parse_url(options_.public_url.empty()
                           ? std::string(options_.plain_http ? "http://" : "https://") + at.text()
                           : options_.public_url);
    if (!url) return with_context(url.error(), "--public-url");
    facts_.public_url = url->origin();
    hosts_ = served_hosts(options_.host, *url);
    auto contexts = make_contexts();
    if (!contexts) return contexts.error();
    token_ = std::move(*token);
    wire(std::move(contexts->link));
    if (auto wired = wire_machines(); !wired) return wired;
    wire_tokens();
    add_routes(front_->router());
    net::HttpServer::Options options;
    options.security = options_.plain_http ? net::Security::plain : net::Security::tls;
    server_ = std::make_unique<net::HttpServer>(env_.loop, std::move(*acceptor), *front_,
                                                env_.timers, options, env_.log);
    server_->set_tls(std::make_shared<net::TlsContext const>(std::move(contexts->front)));
    return {};
}

void RootApp::add_routes(api::Router& router) {
    registration_->add_routes(router);
    codes_->add_route(router);
    join_->add_route(router, "/v1/subnets/join");
    pake_->add_routes(router);
    access_->add_routes(router);
    grants_->add_routes(router);
    tokens_->add_routes(router);
    enrol_->add_routes(router);
    machines_->add_routes(router);
    nodes_door_->add_routes(router);
    recover_->add_route(router);
    renew_->add_route(router);
    api::add_ca_route(router, [this] { return api::CaList{facts_.ca_pem, facts_.ca_fingerprint}; });
}

void RootApp::wire_tokens() {
    renew_ = std::make_unique<api::RenewDoor>(api::RenewDoor::Deps{
        desk_, "", agent_signer(), [this] { return facts_.ca_pem; }, env_.log});
    tokens_ = std::make_unique<api::TokenDoor>(
        api::TokenDoor::Deps{*book_, [this](net::Exchange& exchange) { return who(exchange); }});
    enrol_ = std::make_unique<api::EnrolDoor>(api::EnrolDoor::Deps{
        desk_, "", agent_signer(), signer(false), machines_->settle_host(),
        [this](enrol::Redeemed const& done) { return place(done); },
        [this] { return facts_.ca_pem; }, hosts_,
        [this](registry::Node const& node) { links_->tell_admitted(node); }, env_.log});
}

Result<void> RootApp::wire_machines() {
    auto settings = api::read_host_settings(api::process_environment(), options_.dir.root);
    if (!settings) return settings.error();
    auto tunnel = std::make_shared<api::PeersFile>(settings->peers_conf);
    machines_ = std::make_unique<api::MachineDoors>(
        api::MachineDesk{
            desk_, *book_, "", [this](net::Exchange& exchange) { return who(exchange); },
            signer(false),
            [this](registry::Node const& node) { return links_->nodes().office().axes(node); },
            [this](registry::Node const& node) { links_->tell_admitted(node); },
            [this] { return facts_.ca_pem; },
            [this] { return facts_.tls_pin.empty() ? std::string() : facts_.ca_pem; },
            [this] { return facts_.public_url; }, std::move(*settings), std::move(tunnel),
            env_.log},
        env_.timers, env_.loop);
    return {};
}

/// The root token, in its own header or as a bearer token, else an access token.
net::Task<std::optional<api::Caller>> RootApp::who(net::Exchange& exchange) {
    auto const& head = exchange.request();
    auto const* const own = head.fields.find("x-root-token");
    auto token = own != nullptr ? *own : api::presented_token(head);
    if (equal_constant_time(as_bytes(token), as_bytes(token_.reveal())))
        co_return api::Caller{enrol::Scope::admin, "root-token"};
    if (token.empty()) co_return std::nullopt;
    auto const known = co_await desk_.check_token(std::move(token));
    if (!known || !*known) co_return std::nullopt;
    co_return api::Caller{(*known)->scope, enrol::actor_of(**known)};
}

void RootApp::wire(net::TlsContext link_tls) {
    book_ = std::make_unique<api::GrantBook>(api::GrantBook::Deps{
        desk_, "", [this] { return facts_.ca_fingerprint; }, [this] { return facts_.public_url; }});
    links_ = std::make_unique<HubLinks>(
        env_, desk_, *book_, std::make_shared<net::TlsContext const>(std::move(link_tls)), facts_,
        ca_);
    registration_ = std::make_unique<Registration>(Registration::Deps{
        desk_, ca_, [this](net::Exchange& exchange) { return who(exchange); }, facts_,
        [this](std::string const& subnet) { links_->add_subnet(subnet); }, links_->nodes().office(),
        env_.log});
    codes_ = std::make_unique<CodeDoor>(
        CodeDoor::Deps{desk_, facts_, [this](net::Exchange& exchange) { return who(exchange); }});
    join_ = std::make_unique<api::JoinDoor>(api::JoinDoor::Deps{
        desk_, "", signer(false), [this](enrol::Redeemed const& done) { return place(done); },
        [this](registry::Node const& node) { links_->tell_admitted(node); }, env_.log});
    pake_ = std::make_unique<api::PakeDoor>(*join_, "root", env_.timers);
    access_ = std::make_unique<api::AccessDoor>(
        api::AccessDoor::Deps{desk_, [this](net::Exchange& exchange) { return who(exchange); }});
    grants_ = std::make_unique<api::GrantsApi>(api::GrantsApi::Deps{
        api::TwoBooks({*book_}), [this](net::Exchange& exchange) { return who(exchange); }});
    nodes_door_ = std::make_unique<api::NodesDoor>(api::NodesDoor::Deps{
        links_->nodes().office(), "", [this](net::Exchange& exchange) { return who(exchange); },
        [this](registry::Node const& node, std::string said) {
            links_->tell_heard(node, std::move(said));
        }});
    recover_ = std::make_unique<api::RecoverDoor>(
        api::RecoverDoor::Deps{desk_, "", true, [this] { return facts_.ca_pem; }, signer(true),
                               agent_signer(), options_.recovery_budget, env_.log});
    front_ = std::make_unique<RootFront>(*links_, env_.clock, env_.timers, env_.log);
}

api::JoinPlace RootApp::place(enrol::Redeemed const& done) const {
    return {done.hub_node_id, facts_.public_url, facts_.public_url + "/hubs/" + done.node.subnet_id,
            facts_.ca_pem, facts_.tls_pin};
}

net::Task<void> RootApp::load_subnets() {
    auto const hubs = co_await desk_.hubs();
    if (!hubs) {
        env_.log.error("subnets not loaded", {{"cause", hubs.error().message()}});
        co_return;
    }
    for (auto const& hub : *hubs) links_->add_subnet(hub.subnet_id);
}

net::Task<void> RootApp::run() {
    co_await load_subnets();
    watch_certificates();
    machines_->start();
    co_await server_->run();
}

net::Task<void> RootApp::stop(std::chrono::milliseconds grace) {
    co_await front_->drain(grace);
    watch_.reset();
    links_->drain();
    co_await server_->stop(last_words);
    co_await links_->stop();
    co_await machines_->stop();
}

}  // namespace adaos::root

// The certificates that Root shows, and the CAs it signs with, while it runs.
#include "base/problem.hpp"
#include "root/root_app.hpp"

namespace adaos::root {
namespace {

constexpr std::chrono::milliseconds watch_step{1000};

}  // namespace

enrol::Sign RootApp::signer(bool hub) const {
    return [this, hub](pki::Key const& key, registry::Node const& node) {
        pki::NodeIdentity const who{node.subnet_id, node.node_id, hub};
        return ca_.get()->issue_node(key, who, env_.clock.wall(), env_.random);
    };
}

enrol::Sign RootApp::agent_signer() const {
    return [this](pki::Key const& key, registry::Node const& node) {
        return ca_.get()->issue_agent(key, api::agent_of(node), env_.clock.wall(), env_.random);
    };
}

void RootApp::use_cas(CaSet cas) {
    facts_.ca_pem = cas.trusted_pem;
    facts_.ca_fingerprint = cas.signer_ca.fingerprint();
    // With --tls-cert, or a proxy in front, clients see a certificate that others vouch for.
    if (!options_.tls && !options_.plain_http) facts_.tls_pin = facts_.ca_fingerprint;
    top_pem_ = cas.top_pem;
    cas.signer.set_leaf_life(options_.cert_life);
    ca_.set(std::move(cas.signer));
}

Result<RootApp::Contexts> RootApp::make_contexts() {
    auto const identity =
        load_or_make_server(options_.dir, *ca_.get(), top_pem_, hosts_, env_.clock, env_.random);
    if (!identity) return identity.error();
    auto const leaf = pki::Certificate::from_pem(identity->chain_pem);
    if (!leaf) return leaf.error();
    auto link = net::TlsContext::make_link_accepter(*identity, facts_.ca_pem);
    if (!link) return link.error();
    link->judge_by(env_.clock);
    auto front =
        net::TlsContext::make_server(options_.tls ? *options_.tls : *identity, facts_.ca_pem);
    if (!front) return with_context(front.error(), "--tls-cert");
    front->judge_by(env_.clock);
    server_due_ = pki::half_life(*leaf);
    return Contexts{std::move(*link), std::move(*front)};
}

void RootApp::watch_certificates() {
    watch_ = env_.timers.call_after(watch_step, [this] {
        keep_certificates();
        watch_certificates();
    });
}

void RootApp::keep_certificates() {
    auto const version = store::version_of(options_.dir.keys());
    if (version == keys_version_ && env_.clock.wall() < server_due_) return;
    keys_version_ = version;
    auto cas = load_or_make_ca_set(options_.dir, env_.clock, env_.random);
    if (!cas) {
        env_.log.error("CAs not read again", {{"cause", cas.error().message()}});
        return;
    }
    bool const other = cas->trusted_pem != facts_.ca_pem;
    use_cas(std::move(*cas));
    if (other) env_.log.info("CAs changed", {{"signer", facts_.ca_fingerprint}});
    auto contexts = make_contexts();
    if (!contexts) {
        env_.log.error("serving certificate not renewed", {{"cause", contexts.error().message()}});
        return;
    }
    links_->set_tls(std::make_shared<net::TlsContext const>(std::move(contexts->link)));
    server_->set_tls(std::make_shared<net::TlsContext const>(std::move(contexts->front)));
}

}  // namespace adaos::root

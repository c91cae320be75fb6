// What a hub signs, and what it shows to those who come to it: docs/protocol/renewal.md
#include "api/enrol_door.hpp"
#include "api/renewal.hpp"
#include "base/problem.hpp"
#include "hub/hub.hpp"

namespace adaos::hub {
namespace {

constexpr std::chrono::seconds move_timeout{10};

net::Task<Result<void>> known_outcome(Result<void> outcome) {
    co_return outcome;
}

}  // namespace

enrol::Sign Hub::signer() const {
    return [this](pki::Key const& key, registry::Node const& node) {
        pki::NodeIdentity const who{node.subnet_id, node.node_id, false};
        return issuer_.get()->issue_node(key, who, env_.clock.wall(), env_.random);
    };
}

enrol::Sign Hub::agent_signer() const {
    return [this](pki::Key const& key, registry::Node const& node) {
        return issuer_.get()->issue_agent(key, api::agent_of(node), env_.clock.wall(), env_.random);
    };
}

/// Towards members the hub is who its issuer says, not who Root says: a member that was admitted
/// before the hub registered at Root trusts that issuer's key alone, and goes on doing so.
Result<net::TlsIdentity> Hub::members_identity() const {
    auto key = pki::Key::make(pki::KeyType::p256);
    if (!key) return key.error();
    pki::NodeIdentity const who{options_.config.subnet_id, options_.config.node_id, true};
    auto chain = issuer_.get()->issue_node(*key, who, env_.clock.wall(), env_.random);
    if (!chain) return chain.error();
    return net::TlsIdentity{std::move(*chain), key->to_pem()};
}

Result<std::shared_ptr<net::TlsContext const>> Hub::make_members_tls() {
    auto const identity = members_identity();
    if (!identity) return identity.error();
    auto leaf = pki::Certificate::from_pem(identity->chain_pem);
    if (!leaf) return leaf.error();
    auto tls =
        net::TlsContext::make_link_accepter(*identity, anchors_pem_ + issuer_.get()->chain_pem());
    if (!tls) return tls.error();
    tls->judge_by(env_.clock);
    members_leaf_ = std::move(*leaf);
    return std::make_shared<net::TlsContext const>(std::move(*tls));
}

Result<void> Hub::renew_members_tls() {
    auto tls = make_members_tls();
    if (!tls) return tls.error();
    members_->set_tls(std::move(*tls));
    return {};
}

link::Renewer::Deps Hub::renewer_deps() {
    // Made and used in one step: there is nobody to ask.
    return {env_, [this] { return members_leaf_; },
            [this] { return known_outcome(renew_members_tls()); },
            [] { return known_outcome(Result<void>()); }};
}

void Hub::take_renewed() {
    auto fresh = identity::load_or_make_hub(options_.dir, options_.config, env_.clock, env_.random);
    auto issuer = fresh ? pki::Authority::load(fresh->issuer_chain_pem, fresh->issuer_key_pem)
                        : Result<pki::Authority>(fresh.error());
    if (!issuer) {
        env_.log.error("renewed certificates not taken up", {{"cause", issuer.error().message()}});
        return;
    }
    bool const other = issuer->chain_pem() != issuer_.get()->chain_pem();
    anchors_pem_ = fresh->leaf.anchors_pem;
    credentials_ = std::move(*fresh);
    issuer->set_leaf_life(options_.cert_life);
    issuer_.set(std::move(*issuer));
    if (other) ++issuer_version_;
    if (auto done = renew_members_tls(); !done)
        env_.log.error("members' side not renewed", {{"cause", done.error().message()}});
}

void Hub::move_members() {
    auto const& links = members_->links();
    for (auto const& id : links.keys()) {
        auto const* const entry = links.entry(id);
        if (entry->through_upstream) tasks_.spawn(ask_to_move(entry->session));
    }
}

net::Task<void> Hub::ask_to_move(link::SessionPtr session) {
    std::string method = "link.renew";
    std::string params = "{}";
    auto const asked = co_await session->call(std::move(method), std::move(params), move_timeout);
    if (!asked) env_.log.debug("member not moved", {{"cause", asked.error().message()}});
}

/// hub_url stays empty: the joiner keeps the address at which it found this door.
api::JoinPlace Hub::place() const {
    // hub_url stays empty: the joiner keeps the address at which it found this door.
    return {options_.config.node_id, options_.config.root_base_url, "", anchors_pem_,
            issuer_.get()->certificate().fingerprint()};
}

net::Task<Result<std::string>> Hub::renew_member(std::string node_id, std::string params) {
    auto ask = api::parse_renew_ask(params);
    if (!ask) co_return ask.error();
    enrol::RenewOrder order;
    order.node_id = node_id;
    order.subnet_id = options_.config.subnet_id;
    order.csr_pem = std::move(ask->csr_pem);
    order.actor = node_id;
    auto const done = co_await desk_.renew(std::move(order), signer());
    if (!done) co_return done.error();
    env_.log.info("certificate renewed", {{"node", node_id}});
    // Anchors that a member has from a join here or at Root: both are in what we trust.
    api::RenewAnswer answer{done->certificate_pem, anchors_pem_, std::string()};
    co_return api::to_json(answer);
}

Result<net::TlsIdentity> Hub::server_identity(std::vector<std::string> const& hosts) const {
    auto key = pki::Key::make(pki::KeyType::p256);
    if (!key) return key.error();
    auto chain = issuer_.get()->issue_server(*key, hosts, pki::Authority::Kind::hub,
                                             env_.clock.wall(), env_.random);
    if (!chain) return chain.error();
    return net::TlsIdentity{std::move(*chain), key->to_pem()};
}

}  // namespace adaos::hub

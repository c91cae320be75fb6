// How a member keeps its certificate: docs/protocol/renewal.md
#include "api/recover_client.hpp"
#include "base/problem.hpp"
#include "identity/credentials.hpp"
#include "identity/renewal.hpp"
#include "member/member.hpp"

namespace adaos::member {
namespace {

/// When the hub has a new link to Root its members' links move there within this time. At most half
/// the least life of a certificate is left for it.
constexpr std::chrono::milliseconds move_within{8'000};
constexpr int move_tries = 3;

}  // namespace

pki::NodeIdentity Member::who() const {
    return {options_.config.subnet_id, options_.config.node_id, false};
}

/// Root's pin, when the hub is reached through Root; later CAs of Root, told over the link, are as
/// good as the pin.
net::TlsTrust Member::trust_for(net::Url const& hub, std::string const& anchors) const {
    auto const& config = options_.config;
    net::TlsTrust trust;
    auto const root = net::parse_url(config.root_base_url);
    bool const through_root = root && root->origin() == hub.origin();
    if (!through_root) trust.anchors_pem = anchors;
    if (through_root && !config.root_ca_fingerprint.empty()) {
        trust.ca_fingerprint = config.root_ca_fingerprint;
        trust.other_fingerprints = pki::fingerprints_from_pem(anchors);
    }
    return trust;
}

link::Renewer::Deps Member::renewer_deps() {
    auto const current = [this]() -> std::optional<pki::Certificate> {
        auto const stored = identity::load_credentials(options_.dir, identity::Role::member);
        if (!stored || !*stored) return std::nullopt;
        auto leaf = pki::Certificate::from_pem((*stored)->chain_pem);
        return leaf ? std::optional(std::move(*leaf)) : std::nullopt;
    };
    return {env_, current, [this] { return renew(); }, [this] { return relink(); }};
}

net::Task<Result<void>> Member::renew() {
    auto const session = uplink_.session();
    if (!session) co_return Error(Problem::link_lost, "no link to the hub");
    auto csr = identity::renewal_request(options_.dir, identity::Role::member, who().node_id);
    if (!csr) co_return csr.error();
    std::string method = "certificate.renew";
    api::RenewAsk const ask{std::move(*csr), std::string()};
    auto params = api::to_json(ask);
    auto const said = co_await session->call(std::move(method), std::move(params), call_timeout);
    if (!said) co_return said.error();
    auto const answer = api::parse_renew_answer(*said);
    if (!answer) co_return answer.error();
    identity::Renewal const renewal{answer->cert_pem, answer->ca_pem, std::string()};
    co_return identity::store_renewal(options_.dir, who(), renewal, env_.clock.wall());
}

net::Task<Result<void>> Member::relink() {
    co_return co_await uplink_.renew();
}

/// The hub's link to Root was made anew, and ours may be a stream of the old one.
net::Task<void> Member::move_link() {
    moving_ = true;
    for (int i = 0; i < move_tries && !stopping_; ++i) {
        // Not all members of a hub at once.
        auto const within = static_cast<std::uint64_t>(move_within.count());
        std::chrono::milliseconds const wait(env_.random.below(within));
        co_await net::sleep(env_.timers, wait);
        if (stopping_) break;
        auto const moved = co_await uplink_.renew();
        if (moved) break;
        env_.log.debug("link not moved", {{"cause", moved.error().message()}});
    }
    moving_ = false;
}

/// What the next `node join` has to know.
void Member::on_change() {
    take_name();
    bool const lost = uplink_.refused_for_good();
    if (lost && !lost_) identity::note_lost(options_.dir, uplink_.state().last_error);
    if (!lost && uplink_.connected()) identity::forget_lost(options_.dir);
    lost_ = lost;
    report_in();
}

net::Task<Result<void>> Member::recover() {
    auto const stored = identity::load_credentials(options_.dir, identity::Role::member);
    auto const url = net::parse_url(options_.config.hub_url);
    if (!stored || !*stored || !url) co_return Result<void>();  // find_target says what is wrong
    auto const leaf = pki::Certificate::from_pem((*stored)->chain_pem);
    if (!leaf || env_.clock.wall() < leaf->not_after()) co_return Result<void>();
    auto csr = identity::renewal_request(options_.dir, identity::Role::member, who().node_id);
    if (!csr) co_return csr.error();
    api::RecoverAsk ask{(*stored)->chain_pem, std::move(*csr)};
    auto trust = trust_for(*url, (*stored)->anchors_pem);
    auto cert = co_await api::ask_recovery(env_, *url, std::move(trust), std::move(ask));
    if (!cert) co_return cert.error();
    identity::Renewal const renewal{std::move(*cert), std::string(), std::string()};
    auto const done = identity::store_renewal(options_.dir, who(), renewal, env_.clock.wall());
    if (done) env_.log.info("certificate recovered after its end");
    co_return done;
}

}  // namespace adaos::member

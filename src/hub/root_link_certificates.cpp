// How a hub keeps the certificates that Root signed: docs/protocol/renewal.md
#include "api/recover_client.hpp"
#include "base/problem.hpp"
#include "hub/root_link.hpp"
#include "identity/credentials.hpp"
#include "identity/renewal.hpp"
#include "store/atomic_file.hpp"

namespace adaos::hub {
pki::NodeIdentity RootLink::who() const {
    return {config_.subnet_id, config_.node_id, true};
}

/// The pin that was given; later CAs of Root, told over the link, are as good.
net::TlsTrust RootLink::trust_for(std::string const& anchors) const {
    net::TlsTrust trust;
    if (config_.root_ca_fingerprint.empty()) return trust;
    trust.ca_fingerprint = config_.root_ca_fingerprint;
    trust.other_fingerprints = pki::fingerprints_from_pem(anchors);
    return trust;
}

link::Renewer::Deps RootLink::renewer_deps() {
    auto const current = [this]() -> std::optional<pki::Certificate> {
        auto const stored = identity::load_credentials(dir_, identity::Role::hub);
        if (!stored || !*stored) return std::nullopt;
        auto leaf = pki::Certificate::from_pem((*stored)->chain_pem);
        return leaf ? std::optional(std::move(*leaf)) : std::nullopt;
    };
    return {env_, current, [this] { return renew(); }, [this] { return relink(); }};
}

/// One `certificate.renew`: Root's answer.
net::Task<Result<std::string>> RootLink::ask_renewal(std::string issuer_csr_pem) {
    auto const session = uplink_.session();
    if (!session) co_return Error(Problem::link_lost, "no link to Root");
    auto csr = identity::renewal_request(dir_, identity::Role::hub, config_.node_id);
    if (!csr) co_return csr.error();
    api::RenewAsk const ask{std::move(*csr), std::move(issuer_csr_pem)};
    std::string method = "certificate.renew";
    auto params = api::to_json(ask);
    co_return co_await session->call(std::move(method), std::move(params), call_timeout);
}

net::Task<Result<void>> RootLink::renew() {
    auto said = co_await ask_renewal(std::string());
    if (!said) co_return said.error();
    auto answer = api::parse_renew_answer(*said);
    if (!answer) co_return answer.error();
    auto const now = env_.clock.wall();
    auto const issuer = store::read_file(dir_.issuer_cert());
    if (!issuer) co_return issuer.error();
    if (*issuer && identity::issuer_is_due(**issuer, answer->cert_pem, now)) {
        auto issuer_csr = identity::issuer_request(dir_);
        if (!issuer_csr) co_return issuer_csr.error();
        auto more = co_await ask_renewal(std::move(*issuer_csr));
        if (!more) co_return more.error();
        answer = api::parse_renew_answer(*more);
        if (!answer) co_return answer.error();
    }
    identity::Renewal const renewal{answer->cert_pem, answer->ca_pem, answer->issuer_cert_pem};
    auto const stored = identity::store_renewal(dir_, who(), renewal, now);
    if (!stored) co_return stored.error();
    events_.renewed();
    co_return Result<void>();
}

net::Task<Result<void>> RootLink::relink() {
    auto const made = co_await uplink_.renew();
    if (made) events_.relinked();
    co_return made;
}

/// What the next `dev root init` has to know.
void RootLink::note_loss() {
    bool const lost = uplink_.refused_for_good();
    if (lost && !lost_) identity::note_lost(dir_, uplink_.state().last_error);
    if (!lost && uplink_.connected()) identity::forget_lost(dir_);
    lost_ = lost;
}

net::Task<Result<void>> RootLink::recover() {
    auto const stored = identity::load_credentials(dir_, identity::Role::hub);
    auto const url = net::parse_url(config_.root_base_url);
    if (!stored || !*stored || !url) co_return Result<void>();  // find_target says what is wrong
    auto const leaf = pki::Certificate::from_pem((*stored)->chain_pem);
    if (!leaf || env_.clock.wall() < leaf->not_after()) co_return Result<void>();
    auto csr = identity::renewal_request(dir_, identity::Role::hub, config_.node_id);
    if (!csr) co_return csr.error();
    api::RecoverAsk ask{(*stored)->chain_pem, std::move(*csr)};
    auto trust = trust_for((*stored)->anchors_pem);
    auto cert = co_await api::ask_recovery(env_, *url, std::move(trust), std::move(ask));
    if (!cert) co_return cert.error();
    identity::Renewal const renewal{std::move(*cert), std::string(), std::string()};
    auto const done = identity::store_renewal(dir_, who(), renewal, env_.clock.wall());
    if (done) env_.log.info("certificate recovered after its end");
    co_return done;
}

}  // namespace adaos::hub

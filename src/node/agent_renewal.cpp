#include "node/agent_renewal.hpp"

#include "api/renewal.hpp"
#include "base/problem.hpp"
#include "net/tls_mutual.hpp"
#include "node/agent_client.hpp"
#include "pki/pinned.hpp"
#include "pki/request.hpp"

namespace adaos::node {
namespace {

struct Ask {
    char const* path;
    std::string body;
    std::optional<net::TlsIdentity> shown;
};

Result<Ask> make_ask(AgentMaterial const& material, bool has_ended) {
    auto const key = pki::Key::from_pem(material.key_pem);
    if (!key) return key.error();
    auto csr = pki::make_request(*key, "node-" + material.config.node_name);
    if (!csr) return csr.error();
    if (has_ended)
        return Ask{"/v1/enrol/recover", api::to_json(api::RecoverAsk{material.cert_pem, *csr}), {}};
    return Ask{"/v1/enrol/renew", api::to_json(api::RenewAsk{std::move(*csr), {}}),
               net::TlsIdentity{material.cert_pem, material.key_pem}};
}

/// A recovery tells no CA: it is the one that is known.
Result<AgentRenewed> parse_answer(std::string const& body, AgentMaterial const& material,
                                  bool has_ended) {
    if (has_ended) {
        auto cert = api::parse_recover_answer(body);
        if (!cert) return cert.error();
        return AgentRenewed{std::move(*cert), material.ca_pem};
    }
    auto answer = api::parse_renew_answer(body);
    if (!answer) return answer.error();
    return AgentRenewed{std::move(answer->cert_pem), std::move(answer->ca_pem)};
}

}  // namespace

Result<void> check_renewed(AgentRenewed const& answer, AgentMaterial const& material,
                           WallTime now) {
    auto const key = pki::Key::from_pem(material.key_pem);
    if (!key) return key.error();
    auto const leaf = pki::Certificate::from_pem(answer.cert_pem);
    auto const cas = pki::certificates_from_pem(answer.ca_pem);
    if (!leaf || !cas || cas->size() != 1)
        return Error(Problem::bad_answer, "one certificate and one CA are needed");
    bool const is_ours = leaf->matches(*key) && leaf->node() == material.who;
    if (!is_ours) return Error(Problem::bad_answer, "the certificate is not this agent's");
    auto const valid = pki::verify_issued(answer.cert_pem, cas->front(), now);
    if (!valid) return with_context(valid.error(), "the certificate in the answer");
    return {};
}

net::Task<Result<void>> renew_agent(net::Env env, AgentMaterial material) {
    auto const now = env.clock.wall();
    bool const has_ended = now >= material.ends_at;
    auto ask = make_ask(material, has_ended);
    if (!ask) co_return ask.error();
    net::Fetch request;
    request.method = "POST";
    auto url = net::parse_url(material.config.control_plane_url);
    if (!url) co_return url.error();
    request.url = std::move(*url);
    request.url.path = ask->path;
    request.fields.add("Content-Type", "application/json");
    request.body = std::move(ask->body);
    request.timeout = material.config.request_timeout;
    auto const where = request.url.origin() + request.url.path;
    net::TlsTrust pinned;
    pinned.ca_fingerprint = material.ca_fingerprint;
    auto context = net::make_strict_client(pinned, ask->shown);
    if (!context) co_return context.error();
    context->judge_by(env.clock);
    auto const reply =
        co_await net::fetch_with(env.network, env.timers, std::move(request), *context);
    if (!reply) co_return reply.error();
    if (reply->head.status != 200) co_return remote_error(*reply, where);
    auto const answer = parse_answer(reply->body, material, has_ended);
    if (!answer) co_return with_context(answer.error(), where);
    auto const sound = check_renewed(*answer, material, now);
    if (!sound) co_return with_context(sound.error(), where);
    co_return stage_renewal(agent_folder(material.config), answer->cert_pem, answer->ca_pem);
}

}  // namespace adaos::node

#include "node/agent_answer.hpp"

#include "base/problem.hpp"
#include "pki/pinned.hpp"

namespace adaos::node {

Result<pki::Certificate> check_agent_answer(AgentAnswer const& answer,
                                            AgentExpectation const& expected) {
    auto const cas = pki::certificates_from_pem(answer.ca_cert_pem);
    if (!cas) return Error(Problem::bad_answer, "ca_cert_pem is not a certificate");
    auto const& ca = cas->front();
    bool const is_trusted = ca.fingerprint() == expected.ca.fingerprint() ||
                            pki::is_successor(ca, answer.cert_pem, expected.ca, expected.now);
    // One and no more: what stands beside it is not kept as trust.
    if (cas->size() != 1 || !is_trusted)
        return Error(Problem::pin_mismatch, "the answer's CA is " + ca.fingerprint() +
                                                ", expected " + expected.ca.fingerprint());
    auto const leaf = pki::Certificate::from_pem(answer.cert_pem);
    if (!leaf) return Error(Problem::bad_answer, "cert_pem is not a certificate");
    if (!leaf->matches(expected.key))
        return Error(Problem::bad_answer, "the certificate is not for this node's key");
    auto const who = leaf->node();
    if (!who || who->node_id != answer.node_id || who->hub)
        return Error(Problem::bad_answer, "the certificate is not this node's");
    if (!answer.node_name.empty() && answer.node_name != expected.node_name)
        return Error(Problem::bad_answer, "the certificate is for node " + answer.node_name);
    auto const valid = pki::verify_issued(answer.cert_pem, ca, expected.now);
    if (!valid) return with_context(valid.error(), "the certificate in the answer");
    return ca;
}

}  // namespace adaos::node

#include "node/join_answer.hpp"

#include "base/problem.hpp"
#include "pki/certificate.hpp"

#include <algorithm>

namespace adaos::node {

Result<void> check_join_answer(JoinAnswer const& answer, JoinExpectation const& expected) {
    auto const leaf = pki::Certificate::from_pem(answer.cert_pem);
    if (!leaf) return Error(Problem::bad_answer, "cert_pem is not a certificate");
    if (!leaf->matches(expected.key))
        return Error(Problem::bad_answer, "the certificate is not for this node's key");
    auto const who = leaf->node();
    if (!who || who->subnet_id != answer.subnet_id || who->node_id != expected.node_id ||
        who->hub || answer.node_id != expected.node_id)
        return Error(Problem::bad_answer, "the certificate is not this node's");

    auto const anchors = pki::certificates_from_pem(answer.ca_pem);
    if (!anchors || anchors->empty())
        return Error(Problem::bad_answer, "ca_pem holds no certificate");
    auto const is_pinned = [&](auto const& ca) { return ca.fingerprint() == expected.pin; };
    if (!expected.pin.empty() && std::none_of(anchors->begin(), anchors->end(), is_pinned)) {
        return Error(Problem::pin_mismatch, "the answer's CA is " + anchors->front().fingerprint() +
                                                ", expected " + expected.pin);
    }

    auto const valid = pki::verify_chain(answer.cert_pem, answer.ca_pem, expected.now);
    if (valid) return {};
    // Sound at its own time only: then it is our clock.
    auto const fresh = leaf->not_before() + std::chrono::minutes(1);
    if (pki::verify_chain(answer.cert_pem, answer.ca_pem, fresh)) {
        return Error(Problem::clock_wrong, "the certificate is valid from " +
                                               rfc3339(leaf->not_before()) + ", here it is " +
                                               rfc3339(expected.now));
    }
    return with_context(valid.error(), "the certificate in the answer");
}

}  // namespace adaos::node

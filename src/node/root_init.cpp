#include "node/root_init.hpp"

#include "base/problem.hpp"
#include "pki/certificate.hpp"

namespace adaos::node {
namespace {

Result<void> check_ca(RegisterAnswer const& answer, std::string const& pin) {
    auto const ca = pki::Certificate::from_pem(answer.ca_pem);
    if (!ca || !ca->is_ca()) return Error(Problem::bad_answer, "ca_pem is not a CA certificate");
    if (pin.empty() || ca->fingerprint() == pin) return {};
    return Error(Problem::pin_mismatch,
                 "the answer's CA is " + ca->fingerprint() + ", expected " + pin);
}

}  // namespace

Result<void> check_register_answer(RegisterAnswer const& answer,
                                   RegisterExpectation const& expected) {
    if (auto ca = check_ca(answer, expected.pin); ca.has_error()) return ca;
    if (!expected.subnet_id.empty() && answer.subnet_id != expected.subnet_id)
        return Error(Problem::bad_answer, "Root chose the subnet " + answer.subnet_id);
    auto const leaf = pki::verify_chain(answer.cert_pem, answer.ca_pem, expected.now);
    if (!leaf) return with_context(leaf.error(), "the hub certificate in the answer");
    if (!leaf->matches(expected.key))
        return Error(Problem::bad_answer, "the certificate is not for this hub's key");
    if (leaf->node() != pki::NodeIdentity{answer.subnet_id, expected.node_id, true})
        return Error(Problem::bad_answer, "the certificate is not this hub's");
    auto const issuer = pki::verify_chain(answer.issuer_cert_pem, answer.ca_pem, expected.now);
    if (!issuer) return with_context(issuer.error(), "the issuer certificate in the answer");
    if (!issuer->is_ca() || !issuer->matches(expected.issuer_key))
        return Error(Problem::bad_answer, "the issuer certificate is not for this hub's issuer");
    return {};
}

std::string to_text(RootInitDone const& done) {
    return "Root subnet initialized.\nSubnet ID: " + done.subnet_id +
           "\nHub private key: " + done.hub_key + "\nHub certificate: " + done.hub_cert +
           "\nCA certificate: " + done.ca_cert + "\nreused: " + (done.reused ? "true" : "false") +
           '\n';
}

}  // namespace adaos::node

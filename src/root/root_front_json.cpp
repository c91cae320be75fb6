#include "base/json.hpp"
#include "root/root_front.hpp"

namespace adaos::root {

std::string ca_answer(RootFacts const& facts) {
    Json out;
    out["cas"] = Json::array();
    auto const all = pki::certificates_from_pem(facts.ca_pem);
    for (auto const& cert : all ? *all : std::vector<pki::Certificate>()) {
        Json ca;
        ca["cert_pem"] = cert.to_pem();
        ca["fingerprint_sha256"] = cert.fingerprint();
        ca["not_before"] = rfc3339(cert.not_before());
        ca["not_after"] = rfc3339(cert.not_after());
        out["cas"].push_back(ca);
    }
    out["signer_fingerprint_sha256"] = facts.ca_fingerprint;
    return dump(out) + "\n";
}

}  // namespace adaos::root

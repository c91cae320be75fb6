#include "base/json.hpp"
#include "root/root_front.hpp"

namespace adaos::root {

std::string ca_answer(RootFacts const& facts) {
    Json ca;
    ca["cert_pem"] = facts.ca_pem;
    ca["fingerprint_sha256"] = facts.ca_fingerprint;
    if (auto const cert = pki::Certificate::from_pem(facts.ca_pem)) {
        ca["not_before"] = rfc3339(cert->not_before());
        ca["not_after"] = rfc3339(cert->not_after());
    }
    Json out;
    out["cas"] = Json::array({ca});
    return dump(out) + "\n";
}

}  // namespace adaos::root

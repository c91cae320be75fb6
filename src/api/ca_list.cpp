#include "api/ca_list.hpp"

#include "base/clock.hpp"
#include "base/json.hpp"
#include "net/http_client.hpp"
#include "pki/certificate.hpp"

namespace adaos::api {
namespace {

net::Task<void> answer(net::Exchange& exchange, std::string json) {
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

}  // namespace

std::string ca_list_json(CaList const& list) {
    Json out;
    out["cas"] = Json::array();
    auto const all = pki::certificates_from_pem(list.trusted_pem);
    for (auto const& cert : all ? *all : std::vector<pki::Certificate>()) {
        Json ca;
        ca["cert_pem"] = cert.to_pem();
        ca["fingerprint_sha256"] = cert.fingerprint();
        ca["not_before"] = rfc3339(cert.not_before());
        ca["not_after"] = rfc3339(cert.not_after());
        out["cas"].push_back(ca);
    }
    out["signer_fingerprint_sha256"] = list.signer_fingerprint;
    return dump(out) + "\n";
}

void add_ca_route(Router& router, std::function<CaList()> list) {
    router.add("GET", "/v1/ca", [list = std::move(list)](net::Exchange& exchange, PathParts) {
        return answer(exchange, ca_list_json(list()));
    });
}

}  // namespace adaos::api

#pragma once
/// `GET /v1/ca`: the CAs that clients of this authority pin, Root's or a hub's issuer.

#include "api/router.hpp"

#include <functional>
#include <string>

namespace adaos::api {

struct CaList {
    std::string trusted_pem;         ///< more than one while one CA follows the other
    std::string signer_fingerprint;  ///< of the one that signs now
};
/// `{"cas":[{cert_pem, fingerprint_sha256, not_before, not_after}], "signer_fingerprint_sha256"}`
[[nodiscard]] std::string ca_list_json(CaList const& list);

void add_ca_route(Router& router, std::function<CaList()> list);

}  // namespace adaos::api

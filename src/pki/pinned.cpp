#include "pki/pinned.hpp"

#include "base/problem.hpp"
#include "pki/openssl.hpp"

#include <openssl/err.h>

#include <algorithm>

namespace adaos::pki {

Result<Certificate> verify_issued(std::string_view leaf_pem, Certificate const& ca, WallTime at) {
    auto const leaf = Certificate::from_pem(leaf_pem);
    if (leaf.has_error()) return Error(Problem::peer_untrusted, leaf.error().context);
    StoreHandle const store(X509_STORE_new());
    StoreContextHandle const context(X509_STORE_CTX_new());
    if (!store || !context || X509_STORE_add_cert(store.get(), ca.native()) != 1)
        return openssl_error(Problem::peer_untrusted, "verify a certificate");
    auto* const param = X509_STORE_get0_param(store.get());
    // The CA may be below another one: it is trusted all the same, being named itself.
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_time(
        param, std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
    X509_VERIFY_PARAM_set_depth(param, 0);  // nobody between the two
    X509_VERIFY_PARAM_set_auth_level(param, 2);
    if (X509_STORE_CTX_init(context.get(), store.get(), leaf->native(), nullptr) != 1)
        return openssl_error(Problem::peer_untrusted, "verify a certificate");
    bool const good = X509_verify_cert(context.get()) == 1;
    ERR_clear_error();
    // Partial chains would also take a leaf that is the anchor itself.
    if (good && leaf->fingerprint() != ca.fingerprint()) return *leaf;
    auto const code = X509_STORE_CTX_get_error(context.get());
    return Error(Problem::peer_untrusted,
                 good ? "it is the CA itself" : X509_verify_cert_error_string(code));
}

Result<Certificate> issuer_among(std::string_view leaf_pem, std::string_view cas_pem) {
    auto const leaf = Certificate::from_pem(leaf_pem);
    if (leaf.has_error()) return leaf.error();
    auto const cas = certificates_from_pem(cas_pem);
    if (cas.has_error()) return cas.error();
    auto const issuer = leaf->issuer();
    auto const found = std::find_if(cas->begin(), cas->end(),
                                    [&](Certificate const& ca) { return ca.subject() == issuer; });
    if (found == cas->end()) return Error(Problem::peer_untrusted, "none of these CAs signed it");
    return *found;
}

bool is_successor(Certificate const& ca, std::string_view chain_pem, Certificate const& pinned,
                  WallTime at) {
    auto const chain = certificates_from_pem(chain_pem);
    if (!chain || !ca.is_ca()) return false;
    auto const vouches = [&](Certificate const& cross) {
        bool const same_name = X509_NAME_cmp(X509_get_subject_name(cross.native()),
                                             X509_get_subject_name(ca.native())) == 0;
        bool const same_key =
            EVP_PKEY_eq(X509_get0_pubkey(cross.native()), X509_get0_pubkey(ca.native())) == 1;
        ERR_clear_error();
        return same_name && same_key && cross.is_root_ca() &&
               verify_issued(cross.to_pem(), pinned, at).has_value();
    };
    return std::any_of(chain->begin() + 1, chain->end(), vouches);
}

}  // namespace adaos::pki

#include "base/problem.hpp"
#include "pki/certificate.hpp"
#include "pki/openssl.hpp"

#include <openssl/err.h>

namespace adaos::pki {
namespace {

/// As OpenSSL counts strength: 112 bits, so RSA from 2048 and no SHA-1.
constexpr int least_security_level = 2;
/// Intermediates between the leaf and its anchor: our longest chain has one.
constexpr int max_intermediates = 3;

Error untrusted(std::string_view why) {
    return Error(Problem::peer_untrusted, std::string(why));
}

/// A store that trusts only `anchors`, at time `at`, and only whole chains.
StoreHandle make_store(std::vector<Certificate> const& anchors, WallTime at) {
    StoreHandle store(X509_STORE_new());
    if (!store) return nullptr;
    for (auto const& anchor : anchors)
        if (X509_STORE_add_cert(store.get(), anchor.native()) != 1) return nullptr;
    auto* const param = X509_STORE_get0_param(store.get());
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set_time(
        param, std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
    X509_VERIFY_PARAM_set_depth(param, max_intermediates);
    X509_VERIFY_PARAM_set_auth_level(param, least_security_level);
    if (X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_ANY) != 1) return nullptr;
    return store;
}

}  // namespace

Result<std::string> parse_fingerprint(std::string_view text) {
    constexpr std::string_view prefix = "sha256:";
    auto lower = to_lower(trim(text));
    if (lower.starts_with(prefix)) lower.erase(0, prefix.size());
    if (lower.size() != 2 * sizeof(Digest) || !from_hex(lower))
        return Error(Problem::invalid_field, "a fingerprint is sha256: and 64 hex digits");
    return std::string(prefix) + lower;
}

Result<Certificate> verify_chain(std::string_view chain_pem, std::string_view anchors_pem,
                                 WallTime at) {
    auto const chain = certificates_from_pem(chain_pem);
    if (chain.has_error()) return untrusted("presented chain: " + chain.error().context);
    auto const anchors = certificates_from_pem(anchors_pem);
    if (anchors.has_error()) return untrusted("trust anchors: " + anchors.error().context);

    auto const store = make_store(*anchors, at);
    StoreContextHandle const context(X509_STORE_CTX_new());
    X509Stack const intermediates(sk_X509_new_null());
    if (!store || !context || !intermediates)
        return openssl_error(Problem::peer_untrusted, "verify a chain");
    for (auto const& cert : *chain)
        if (&cert != &chain->front() && sk_X509_push(intermediates.get(), cert.native()) == 0)
            return openssl_error(Problem::peer_untrusted, "verify a chain");
    auto const& leaf = chain->front();
    if (X509_STORE_CTX_init(context.get(), store.get(), leaf.native(), intermediates.get()) != 1)
        return openssl_error(Problem::peer_untrusted, "verify a chain");
    bool const good = X509_verify_cert(context.get()) == 1;
    ERR_clear_error();
    if (good) return leaf;
    auto const code = X509_STORE_CTX_get_error(context.get());
    auto const depth = X509_STORE_CTX_get_error_depth(context.get());
    return untrusted(std::string(X509_verify_cert_error_string(code)) + " (certificate " +
                     std::to_string(depth) + " of the chain)");
}

}  // namespace adaos::pki

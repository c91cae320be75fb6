#pragma once
/// A PKCS#10 request (RFC 2986, 4), read without OpenSSL's X509_REQ: that looks for a decoder of
/// the key among all there are, 110 us on a machine where the signature takes 70. For src/pki only.

#include "pki/openssl.hpp"

#include <memory>
#include <span>

namespace adaos::pki {

struct Pkcs10;
struct Pkcs10Freed {
    void operator()(Pkcs10* request) const noexcept;
};
using Pkcs10Handle = std::unique_ptr<Pkcs10, Pkcs10Freed>;

struct ExtensionsFreed {
    void operator()(STACK_OF(X509_EXTENSION) * stack) const noexcept {
        sk_X509_EXTENSION_pop_free(stack, X509_EXTENSION_free);
    }
};
using ExtensionsHandle = std::unique_ptr<STACK_OF(X509_EXTENSION), ExtensionsFreed>;

/// Errors: csr_refused when `der` is not exactly one request.
[[nodiscard]] Result<Pkcs10Handle> parse_pkcs10(std::span<std::byte const> der);
/// Its public key, of whatever kind. Null when it is none; OpenSSL's error queue tells.
[[nodiscard]] PkeyHandle key_of(Pkcs10 const& request);
/// Of the signature's algorithm; NID_undef when unknown.
[[nodiscard]] int signature_nid(Pkcs10 const& request);
/// All that it asks for, in every attribute that may ask (RFC 2985, 5.4.2, and Microsoft's OID).
/// Errors: csr_refused when that cannot be read.
[[nodiscard]] Result<ExtensionsHandle> wished_extensions(Pkcs10 const& request);
/// Whether `key` signed it.
[[nodiscard]] bool is_signed_by(Pkcs10& request, EVP_PKEY& key);

}  // namespace adaos::pki

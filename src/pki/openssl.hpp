#pragma once
/// OpenSSL handles with one owner each, its error queue, and PEM blocks. For files of src/pki only.

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/problem.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace adaos::pki {

/// `free` is OpenSSL's function for the type: `Handle<BIO, BIO_free_all>`.
template <auto free>
struct Freed {
    template <class T>
    void operator()(T* handle) const noexcept {
        free(handle);
    }
};
template <class T, auto free>
using Handle = std::unique_ptr<T, Freed<free>>;

using BioHandle = Handle<BIO, BIO_free_all>;
using BignumHandle = Handle<BIGNUM, BN_free>;
using PkeyHandle = Handle<EVP_PKEY, EVP_PKEY_free>;
using PkeyContextHandle = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using X509Handle = Handle<X509, X509_free>;
using RequestHandle = Handle<X509_REQ, X509_REQ_free>;
using ExtensionHandle = Handle<X509_EXTENSION, X509_EXTENSION_free>;
using StoreHandle = Handle<X509_STORE, X509_STORE_free>;
using StoreContextHandle = Handle<X509_STORE_CTX, X509_STORE_CTX_free>;
using GeneralNamesHandle = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;
using GeneralNameHandle = Handle<GENERAL_NAME, GENERAL_NAME_free>;
using ConstraintsHandle = Handle<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>;
using OctetsHandle = Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;

/// A stack that borrows its elements.
struct X509StackFree {
    void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
};
using X509Stack = std::unique_ptr<STACK_OF(X509), X509StackFree>;

/// OpenSSL's reason for the last failure; empties this thread's error queue.
[[nodiscard]] std::string take_reason();

/// `Error(problem, what: reason)`; empties this thread's error queue.
[[nodiscard]] Error openssl_error(Problem problem, std::string_view what);

/// The text a memory BIO holds.
[[nodiscard]] std::string bio_text(BIO& bio);

/// A BIO that reads `text`, which must outlive it. Null when it is larger than 2 GiB.
[[nodiscard]] BioHandle read_only_bio(std::string_view text);

struct PemBlock {
    std::string name;  ///< "CERTIFICATE"
    bool has_header;   ///< RFC 1421 header lines, as an encrypted key has
    Bytes der;
};
/// The next block, whatever is between skipped. Absent at the end. Errors: invalid_field.
[[nodiscard]] Result<std::optional<PemBlock>> next_pem_block(BIO& bio);

/// SHA-256 of the DER SubjectPublicKeyInfo of `key`.
[[nodiscard]] Digest spki_digest(EVP_PKEY const& key);

/// The hash to sign with: as strong as the key's curve. SHA-256 for RSA.
[[nodiscard]] EVP_MD const* signing_hash(EVP_PKEY const& key);

[[nodiscard]] inline unsigned char const* octets(std::span<std::byte const> bytes) {
    return reinterpret_cast<unsigned char const*>(bytes.data());
}

}  // namespace adaos::pki

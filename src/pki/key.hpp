#pragma once
/// Private keys.

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"

#include <memory>
#include <string>

typedef struct evp_pkey_st EVP_PKEY;

namespace adaos::pki {

enum class KeyType { p256, p384 };

/// A private (or, from a certificate, public) key. Cheap to copy: OpenSSL counts references.
class Key {
public:
    static Result<Key> make(KeyType type);
    /// A private key without passphrase. Errors: Problem::state_damaged.
    static Result<Key> from_pem(Secret const& pem);
    /// Takes over `owned`, which is not null.
    explicit Key(EVP_PKEY* owned);

    [[nodiscard]] Secret to_pem() const;  ///< PKCS#8, unencrypted; empty for a public key
    /// SHA-256 of the DER SubjectPublicKeyInfo.
    [[nodiscard]] Digest spki_sha256() const;
    [[nodiscard]] EVP_PKEY* native() const noexcept { return key_.get(); }

private:
    std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace adaos::pki

#include "pki/key.hpp"

#include "pki/openssl.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <new>

namespace adaos::pki {
namespace {

/// OpenSSL would ask for a passphrase on the terminal; a service has none.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

}  // namespace

Key::Key(EVP_PKEY* owned) : key_(owned, EVP_PKEY_free) {}

Result<Key> Key::make(KeyType type) {
    PkeyHandle key(EVP_EC_gen(type == KeyType::p384 ? "P-384" : "P-256"));
    if (!key) return openssl_error(Problem::internal, "make a key");
    return Key(key.release());
}

Result<Key> Key::from_pem(Secret const& pem) {
    ERR_clear_error();
    auto const bio = read_only_bio(pem.reveal());
    if (!bio) return openssl_error(Problem::state_damaged, "private key");
    PkeyHandle key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    if (!key) return openssl_error(Problem::state_damaged, "private key");
    ERR_clear_error();
    return Key(key.release());
}

Secret Key::to_pem() const {
    // A public key, as a certificate or a request gives it, has no private half to write.
    BioHandle const bio(BIO_new(BIO_s_secmem()));
    if (!bio) throw std::bad_alloc();
    if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                      nullptr) != 1) {
        ERR_clear_error();
        return Secret();
    }
    return Secret(bio_text(*bio));
}

Digest Key::spki_sha256() const {
    return spki_digest(*key_);
}

}  // namespace adaos::pki

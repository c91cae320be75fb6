#include "pki/kdf.hpp"

#include "pki/openssl.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>

#include <cstdlib>

namespace adaos::pki {
namespace {

using KdfHandle = Handle<EVP_KDF, EVP_KDF_free>;
using KdfContextHandle = Handle<EVP_KDF_CTX, EVP_KDF_CTX_free>;

unsigned char* writable(std::span<std::byte> bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

/// OpenSSL's parameters point at memory that it does not write to, without saying so.
void* input(void const* data) {
    return const_cast<void*>(data);
}

}  // namespace

void hkdf_sha256(std::span<std::byte const> secret, std::string_view info,
                 std::span<std::byte> out) {
    KdfHandle const hkdf(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr));
    KdfContextHandle const run(EVP_KDF_CTX_new(hkdf.get()));
    char hash[] = "SHA256";
    OSSL_PARAM const parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, input(secret.data()), secret.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, input(info.data()), info.size()),
        OSSL_PARAM_construct_end(),
    };
    if (run == nullptr || EVP_KDF_derive(run.get(), writable(out), out.size(), parameters) != 1)
        std::abort();  // whatever is in `out` would pass for a key
}

Result<void> scrypt(Secret const& password, std::span<std::byte const> salt, ScryptCost cost,
                    std::span<std::byte> out) {
    auto const& text = password.reveal();
    if (EVP_PBE_scrypt(text.data(), text.size(), octets(salt), salt.size(), cost.n, cost.r, cost.p,
                       max_scrypt_bytes, writable(out), out.size()) != 1)
        return openssl_error(Problem::internal, "scrypt");
    return Result<void>();
}

}  // namespace adaos::pki

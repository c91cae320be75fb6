#include "pki/openssl.hpp"

#include "pki/plain_spki.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <climits>

namespace adaos::pki {
namespace {

/// Gives back what OpenSSL allocated, wiped: it may have been a key.
struct WipedFree {
    std::size_t size = 0;
    void operator()(unsigned char* data) const noexcept { OPENSSL_clear_free(data, size); }
};
struct TextFree {
    void operator()(char* text) const noexcept { OPENSSL_free(text); }
};

}  // namespace

std::string take_reason() {
    // The oldest entry names the cause; the later ones say who passed it on.
    auto const code = ERR_peek_error();
    char const* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    std::string text = reason == nullptr ? "" : reason;
    ERR_clear_error();
    return text;
}

Error openssl_error(Problem problem, std::string_view what) {
    auto const reason = take_reason();
    return Error(problem, reason.empty() ? std::string(what) : std::string(what) + ": " + reason);
}

std::string bio_text(BIO& bio) {
    char* data = nullptr;
    auto const size = BIO_get_mem_data(&bio, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

BioHandle read_only_bio(std::string_view text) {
    if (text.size() > INT_MAX) return nullptr;
    return BioHandle(
        BIO_new_mem_buf(text.empty() ? "" : text.data(), static_cast<int>(text.size())));
}

Result<std::optional<PemBlock>> next_pem_block(BIO& bio) {
    ERR_clear_error();
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    auto const read = PEM_read_bio(&bio, &name, &header, &data, &size);
    std::unique_ptr<char, TextFree> const own_name(name);
    std::unique_ptr<char, TextFree> const own_header(header);
    std::unique_ptr<unsigned char, WipedFree> const own_data(
        data, WipedFree{read == 1 ? static_cast<std::size_t>(size) : 0});
    if (read != 1) {
        auto const code = ERR_peek_last_error();
        if (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE) {
            ERR_clear_error();
            return std::optional<PemBlock>();
        }
        return openssl_error(Problem::invalid_field, "PEM");
    }
    auto const* const first = reinterpret_cast<std::byte const*>(data);
    return std::optional<PemBlock>(PemBlock{name, *header != '\0', Bytes(first, first + size)});
}

Digest spki_digest(EVP_PKEY const& key) {
    unsigned char* der = nullptr;
    PublicKeyHandle const plain(X509_PUBKEY_new());
    bool const is_plain = plain && set_plain_spki(*plain, key);
    auto const size = is_plain ? i2d_X509_PUBKEY(plain.get(), &der) : i2d_PUBKEY(&key, &der);
    if (size <= 0) return {};
    std::unique_ptr<unsigned char, WipedFree> const own(der,
                                                        WipedFree{static_cast<std::size_t>(size)});
    return sha256({reinterpret_cast<std::byte const*>(der), static_cast<std::size_t>(size)});
}

EVP_MD const* signing_hash(EVP_PKEY const& key) {
    bool const p384 = EVP_PKEY_get_base_id(&key) == EVP_PKEY_EC && EVP_PKEY_get_bits(&key) == 384;
    return p384 ? EVP_sha384() : EVP_sha256();
}

}  // namespace adaos::pki

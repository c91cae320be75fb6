#include "pki/aead.hpp"

#include "pki/openssl.hpp"

#include <climits>
#include <cstdlib>

namespace adaos::pki {
namespace {

using CipherContextHandle = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
constexpr unsigned char zero_nonce[12] = {};

unsigned char* writable(void* data) {
    return static_cast<unsigned char*>(data);
}

int count(std::size_t size) {
    if (size > INT_MAX) std::abort();  // callers bound their boxes to KiB
    return static_cast<int>(size);
}

/// Ready for the text, the bound bytes taken in.
CipherContextHandle begin(SecretKey const& key, std::span<std::byte const> bound, int encrypt) {
    CipherContextHandle run(EVP_CIPHER_CTX_new());
    int ignored = 0;
    if (run == nullptr ||
        EVP_CipherInit_ex(run.get(), EVP_aes_256_gcm(), nullptr, octets(key.reveal()), zero_nonce,
                          encrypt) != 1 ||
        EVP_CipherUpdate(run.get(), nullptr, &ignored, octets(bound), count(bound.size())) != 1)
        std::abort();
    return run;
}

}  // namespace

Bytes seal_once(SecretKey const& key, std::span<std::byte const> bound, std::string_view plain) {
    auto const run = begin(key, bound, 1);
    Bytes box(plain.size() + box_tag_bytes);
    int size = 0;
    int rest = 0;
    auto* const text = writable(box.data());
    if (EVP_CipherUpdate(run.get(), text, &size, octets(as_bytes(plain)), count(plain.size())) !=
            1 ||
        EVP_CipherFinal_ex(run.get(), text + size, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(run.get(), EVP_CTRL_AEAD_GET_TAG, int{box_tag_bytes},
                            text + plain.size()) != 1)
        std::abort();  // a box without a tag must not leave
    return box;
}

Result<std::string> open_once(SecretKey const& key, std::span<std::byte const> bound,
                              std::span<std::byte const> box) {
    if (box.size() < box_tag_bytes) return Error(Problem::proof_failed, "a box without a tag");
    auto const run = begin(key, bound, 0);
    auto const text = box.first(box.size() - box_tag_bytes);
    auto tag = Bytes(box.end() - box_tag_bytes, box.end());
    std::string plain(text.size(), '\0');
    int size = 0;
    int rest = 0;
    bool const is_genuine =
        EVP_CIPHER_CTX_ctrl(run.get(), EVP_CTRL_AEAD_SET_TAG, int{box_tag_bytes}, tag.data()) ==
            1 &&
        EVP_CipherUpdate(run.get(), writable(plain.data()), &size, octets(text),
                         count(text.size())) == 1 &&
        EVP_CipherFinal_ex(run.get(), writable(plain.data()) + size, &rest) == 1;
    if (!is_genuine) return openssl_error(Problem::proof_failed, "a box that was changed");
    return plain;
}

}  // namespace adaos::pki

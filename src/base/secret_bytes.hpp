#pragma once
/// A fixed number of secret bytes: no formatter, no comparison, wiped at the end.

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace adaos {

template <std::size_t size>
class SecretBytes {
public:
    SecretBytes() = default;  ///< zeros, to be filled
    explicit SecretBytes(std::span<std::byte const, size> bytes) {
        std::copy(bytes.begin(), bytes.end(), bytes_.begin());
    }
    SecretBytes(SecretBytes const&) = default;
    SecretBytes& operator=(SecretBytes const&) = default;
    ~SecretBytes() { OPENSSL_cleanse(bytes_.data(), size); }

    /// The value itself. Grep for this word to see every place where a secret is used.
    [[nodiscard]] std::span<std::byte const, size> reveal() const noexcept { return bytes_; }
    /// The memory itself, to be written to.
    [[nodiscard]] std::span<std::byte, size> fill() noexcept { return bytes_; }

private:
    std::array<std::byte, size> bytes_{};
};

}  // namespace adaos

#pragma once
/// Keys from secrets: HKDF for strong ones, scrypt for ones that people type. Pure.

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "base/secret_bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace adaos::pki {

using SecretKey = SecretBytes<32>;

/// RFC 5869 with SHA-256 and no salt. `out` is at most 8160 bytes.
void hkdf_sha256(std::span<std::byte const> secret, std::string_view info,
                 std::span<std::byte> out);

/// RFC 7914. One run takes 128 * n * r bytes of memory and time in proportion, times p.
struct ScryptCost {
    std::uint32_t n = 32768;  ///< a power of two
    std::uint32_t r = 8;
    std::uint32_t p = 1;
    bool operator==(ScryptCost const&) const = default;
};
/// Most memory that `scrypt` takes.
inline constexpr std::size_t max_scrypt_bytes = 136 * 1024 * 1024;

/// Fills `out`. Errors: internal when `cost` is no valid one, or needs more than `max_scrypt_bytes`
/// or than there is.
[[nodiscard]] Result<void> scrypt(Secret const& password, std::span<std::byte const> salt,
                                  ScryptCost cost, std::span<std::byte> out);

}  // namespace adaos::pki

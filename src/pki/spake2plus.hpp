#pragma once
/// SPAKE2+ (RFC 9383) with P256-SHA256-HKDF-SHA256-HMAC-SHA256: two sides agree on a key when both
/// know the same password, and each run tells whoever does not know it no more than whether one
/// guess was right. Pure. The prover knows the password; the verifier holds a record made from it.

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "pki/kdf.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace adaos::pki {

inline constexpr std::size_t spake_scalar_bytes = 32;
inline constexpr std::size_t spake_point_bytes = 65;
/// What a password hash must give: 40 bytes each for w0 and w1, so that neither is biased.
inline constexpr std::size_t spake_stretched_bytes = 80;

using SpakeScalar = SecretBytes<spake_scalar_bytes>;  ///< big endian, below the group's order
using SpakePoint = std::array<std::byte, spake_point_bytes>;  ///< uncompressed: 04, x, y

/// Both sides must use the same; a difference looks like a wrong password.
struct SpakeNames {
    std::string context, prover, verifier;
};
struct SpakeSecrets {
    SpakeScalar w0, w1;
};
/// Enough to check a password, and to guess it offline; not enough to act as the prover.
struct SpakeRecord {
    SpakeScalar w0;
    SpakePoint l;
};

/// Both scalars reduced from `stretched`. Errors: internal when one is 0 (nobody will see that).
[[nodiscard]] Result<SpakeSecrets> spake_secrets(
    SecretBytes<spake_stretched_bytes> const& stretched);
[[nodiscard]] Result<SpakeRecord> spake_record(SpakeSecrets const& secrets);
/// Errors: state_damaged when w0 is out of range or L no point of the curve.
[[nodiscard]] Result<void> check_spake_record(SpakeRecord const& record);
/// Uniform in [1, order).
[[nodiscard]] SpakeScalar draw_spake_scalar(Random& random);

class SpakeProver {
public:
    /// `x` is fresh (`draw_spake_scalar`) and never used again. Errors: internal when it, or a
    /// scalar of `secrets`, is 0 or not below the order.
    static Result<SpakeProver> start(SpakeSecrets secrets, SpakeScalar x);
    [[nodiscard]] SpakePoint const& share() const noexcept { return share_; }

    struct Proved {
        Digest confirm;  ///< for the verifier
        SecretKey key;
    };
    /// Names come now, as their context may cover what was said meanwhile. Errors: invalid_field
    /// when `share_v` is no point to compute with, or is the prover's own share; proof_failed when
    /// `confirm_v` is not from one who has the record. After either, drop this: a second answer
    /// would be a second guess for the other side.
    [[nodiscard]] Result<Proved> finish(SpakeNames names, std::span<std::byte const> share_v,
                                        std::span<std::byte const> confirm_v) const;

private:
    SpakeProver(SpakeSecrets secrets, SpakeScalar x) : secrets_(secrets), x_(x) {}
    SpakeSecrets secrets_;
    SpakeScalar x_;
    SpakePoint share_{};
};

class SpakeVerifier {
public:
    /// `y` as x above. Errors: internal as above; invalid_field when `share_p` is no point to
    /// compute with, or equals the answer.
    static Result<SpakeVerifier> answer(SpakeNames names, SpakeRecord const& record, SpakeScalar y,
                                        std::span<std::byte const> share_p);
    [[nodiscard]] SpakePoint const& share() const noexcept { return share_; }
    [[nodiscard]] Digest const& confirm() const noexcept { return confirm_; }

    /// The key, which no one may use before this. Errors: proof_failed.
    [[nodiscard]] Result<SecretKey> finish(std::span<std::byte const> confirm_p) const;

private:
    SpakeVerifier() = default;
    SpakePoint share_{};
    Digest confirm_{};
    SecretKey expected_, key_;  ///< `expected_`: the prover's confirmation
};

}  // namespace adaos::pki

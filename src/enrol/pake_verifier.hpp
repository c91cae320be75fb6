#pragma once
/// What an authority keeps of a join code for the PAKE door: enough to check a proof of it, never
/// the code. Pure. docs/protocol/join.md, "The proof".

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "pki/kdf.hpp"
#include "pki/spake2plus.hpp"

#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace adaos::enrol {

using PakeSalt = std::array<std::byte, 16>;

/// What authorities use: 32 MiB and some tens of milliseconds a guess.
inline constexpr pki::ScryptCost code_cost{32768, 8, 1};
/// What a client agrees to: n a power of two from 2^14 to 2^17, r 8, p 1. Less would make a stolen
/// verifier cheap to guess; more would let a stranger exhaust the client's memory.
[[nodiscard]] bool is_fair_cost(pki::ScryptCost cost);

/// The code's secret part by scrypt, the slot bound in. Takes `cost`; blocks. Errors: internal.
[[nodiscard]] Result<pki::SpakeSecrets> stretch_code(Secret const& canonical, PakeSalt const& salt,
                                                     pki::ScryptCost cost);

struct PakeVerifier {
    PakeSalt salt{};
    pki::ScryptCost cost;
    pki::SpakeRecord record;

    /// The salt is the slot's own, a function of `mac_key`: a random one would change when a code
    /// takes the slot and so tell that one did. Blocks as `stretch_code`. Errors: internal.
    static Result<PakeVerifier> make(std::span<std::byte const> mac_key, Secret const& canonical,
                                     pki::ScryptCost cost);
    /// Always the same for one slot, with the salt that a code there would have, and no code.
    static PakeVerifier fake(std::span<std::byte const> mac_key, std::string_view slot);
    /// `found`, or else the fake one. The work is the same for both.
    static PakeVerifier of_slot(std::span<std::byte const> mac_key, std::string_view slot,
                                std::optional<PakeVerifier> found);

    /// For the store, `blob_bytes` long: 01, log2 n, r, p, salt, w0, L. As secret as the code when
    /// somebody has hours to guess.
    [[nodiscard]] Bytes to_blob() const;
    /// Errors: state_damaged when `blob` is not what `to_blob` writes.
    static Result<PakeVerifier> from_blob(std::span<std::byte const> blob);
    static constexpr std::size_t blob_bytes =
        4 + 16 + pki::spake_scalar_bytes + pki::spake_point_bytes;
};

}  // namespace adaos::enrol

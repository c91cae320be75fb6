#pragma once
/// Certificates of one CA that is known by its fingerprint, whatever stands above it.

#include "pki/certificate.hpp"

namespace adaos::pki {

/// The first certificate of `leaf_pem` was signed by `ca` itself and is valid at `at`; name
/// constraints included. Errors: Problem::peer_untrusted with OpenSSL's reason.
[[nodiscard]] Result<Certificate> verify_issued(std::string_view leaf_pem, Certificate const& ca,
                                                WallTime at);

/// The one of `cas_pem` that issued the first certificate of `leaf_pem`, which is one of our own:
/// by name, no two of our CAs share one (reading both costs a fifth of a join: bench/enrol).
/// Errors: Problem::peer_untrusted when none of them did.
[[nodiscard]] Result<Certificate> issuer_among(std::string_view leaf_pem, std::string_view cas_pem);

/// `ca` is the next CA after `pinned`, which vouches for its name and key (Authority::vouch_for) in
/// a certificate that `chain_pem` holds behind the leaf and that is valid at `at`. False for a CA
/// below, such as every hub has: only Root's CAs follow each other.
[[nodiscard]] bool is_successor(Certificate const& ca, std::string_view chain_pem,
                                Certificate const& pinned, WallTime at);

}  // namespace adaos::pki

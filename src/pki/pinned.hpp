#pragma once
/// Certificates of one CA that is known by its fingerprint, whatever stands above it.

#include "pki/certificate.hpp"

namespace adaos::pki {

/// The first certificate of `leaf_pem` was signed by `ca` itself and is valid at `at`; name
/// constraints included. Errors: Problem::peer_untrusted with OpenSSL's reason.
[[nodiscard]] Result<Certificate> verify_issued(std::string_view leaf_pem, Certificate const& ca,
                                                WallTime at);

}  // namespace adaos::pki

#pragma once
/// The half of SPAKE2+ without curves: the transcript and the keys that come from it (RFC 9383,
/// sections 3.3 and 3.4). Internal to spake2plus.cpp, and for the vectors.

#include "pki/spake2plus.hpp"

namespace adaos::pki {

struct SpakeTranscript {
    SpakeNames names;
    SpakePoint share_p, share_v;
    SecretBytes<65> z, v;
    SpakeScalar w0;
};
/// TT of the RFC: every part behind its length in 8 bytes, little endian.
[[nodiscard]] Secret transcript_bytes(SpakeTranscript const& transcript);

struct SpakeKeys {
    SecretKey main, confirm_p, confirm_v, shared;
};
[[nodiscard]] SpakeKeys spake_keys(Secret const& transcript);

/// The points M and N of the RFC for P-256.
[[nodiscard]] SpakePoint const& spake_m();
[[nodiscard]] SpakePoint const& spake_n();

}  // namespace adaos::pki

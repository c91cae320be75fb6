#include "pki/spake_keys.hpp"

#include <algorithm>
#include <array>

namespace adaos::pki {
namespace {

constexpr int nibble(char digit) {
    return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

consteval SpakePoint point(std::string_view hex) {
    SpakePoint out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<std::byte>(nibble(hex[2 * i]) * 16 + nibble(hex[2 * i + 1]));
    return out;
}

/// RFC 9383, section 4, decompressed: nobody knows their discrete logarithms.
constexpr SpakePoint point_m = point(
    "04886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f"
    "5ff355163e43ce224e0b0e65ff02ac8e5c7be09419c785e0ca547d55a12e2d20");
constexpr SpakePoint point_n = point(
    "04d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49"
    "07d60aa6bfade45008a636337f5168c64d9bd36034808cd564490b1e656edbe7");

void append(std::string& out, std::span<std::byte const> part) {
    for (unsigned shift = 0; shift < 64; shift += 8)
        out += static_cast<char>((std::uint64_t{part.size()} >> shift) & 0xff);
    out += as_text(part);
}

}  // namespace

SpakePoint const& spake_m() {
    return point_m;
}

SpakePoint const& spake_n() {
    return point_n;
}

Secret transcript_bytes(SpakeTranscript const& transcript) {
    auto const& names = transcript.names;
    std::string out;
    // Room for all of it, so that growing leaves no copies of Z, V and w0 behind.
    out.reserve(names.context.size() + names.prover.size() + names.verifier.size() + 10 * 8 +
                6 * spake_point_bytes + spake_scalar_bytes);
    append(out, as_bytes(names.context));
    append(out, as_bytes(names.prover));
    append(out, as_bytes(names.verifier));
    append(out, point_m);
    append(out, point_n);
    append(out, transcript.share_p);
    append(out, transcript.share_v);
    append(out, transcript.z.reveal());
    append(out, transcript.v.reveal());
    append(out, transcript.w0.reveal());
    return Secret(std::move(out));
}

SpakeKeys spake_keys(Secret const& transcript) {
    SpakeKeys keys;
    auto main = sha256(as_bytes(transcript.reveal()));
    std::copy(main.begin(), main.end(), keys.main.fill().begin());
    OPENSSL_cleanse(main.data(), main.size());
    SecretBytes<64> confirm;
    hkdf_sha256(keys.main.reveal(), "ConfirmationKeys", confirm.fill());
    keys.confirm_p = SecretKey(confirm.reveal().first<32>());
    keys.confirm_v = SecretKey(confirm.reveal().last<32>());
    hkdf_sha256(keys.main.reveal(), "SharedKey", keys.shared.fill());
    return keys;
}

}  // namespace adaos::pki

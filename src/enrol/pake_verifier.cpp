#include "enrol/pake_verifier.hpp"

#include "base/problem.hpp"
#include "enrol/join_code.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace adaos::enrol {
namespace {

constexpr std::byte blob_version{1};
constexpr std::uint32_t least_n = 1U << 14;
constexpr std::uint32_t most_n = 1U << 17;

/// A text behind its length in 8 bytes, little endian, as in RFC 9383.
void append_part(std::string& out, std::string_view part) {
    for (unsigned shift = 0; shift < 64; shift += 8)
        out += static_cast<char>((std::uint64_t{part.size()} >> shift) & 0xff);
    out += part;
}

Digest slot_secret(std::span<std::byte const> mac_key, std::string_view label,
                   std::string_view slot) {
    std::string text;
    append_part(text, label);
    append_part(text, slot);
    return hmac_sha256(mac_key, as_bytes(text));
}

PakeSalt slot_salt(std::span<std::byte const> mac_key, std::string_view slot) {
    auto const all = slot_secret(mac_key, "adaos-join-salt-v1", slot);
    PakeSalt salt{};
    std::copy_n(all.begin(), salt.size(), salt.begin());
    return salt;
}

}  // namespace

bool is_fair_cost(pki::ScryptCost cost) {
    return std::has_single_bit(cost.n) && cost.n >= least_n && cost.n <= most_n && cost.r == 8 &&
           cost.p == 1;
}

Result<pki::SpakeSecrets> stretch_code(Secret const& canonical, PakeSalt const& salt,
                                       pki::ScryptCost cost) {
    std::string text;
    text.reserve(64);  // so that growing leaves no copies behind
    append_part(text, code_secret(canonical).reveal());
    append_part(text, code_slot(canonical));
    Secret const password(std::move(text));
    SecretBytes<pki::spake_stretched_bytes> stretched;
    auto const done = pki::scrypt(password, salt, cost, stretched.fill());
    if (!done) return done.error();
    return pki::spake_secrets(stretched);
}

Result<PakeVerifier> PakeVerifier::make(std::span<std::byte const> mac_key, Secret const& canonical,
                                        pki::ScryptCost cost) {
    auto const salt = slot_salt(mac_key, code_slot(canonical));
    auto const secrets = stretch_code(canonical, salt, cost);
    if (!secrets) return secrets.error();
    auto const record = pki::spake_record(*secrets);
    if (!record) return record.error();
    return PakeVerifier{salt, cost, *record};
}

PakeVerifier PakeVerifier::fake(std::span<std::byte const> mac_key, std::string_view slot) {
    auto const seed = slot_secret(mac_key, "adaos-join-fake-v1", slot);
    SecretBytes<pki::spake_stretched_bytes> stretched;
    pki::hkdf_sha256(seed, "adaos-join-fake-v1", stretched.fill());
    auto const record = pki::spake_record(pki::spake_secrets(stretched).value());
    return PakeVerifier{slot_salt(mac_key, slot), code_cost, record.value()};
}

PakeVerifier PakeVerifier::of_slot(std::span<std::byte const> mac_key, std::string_view slot,
                                   std::optional<PakeVerifier> found) {
    auto made_up = fake(mac_key, slot);
    return found ? *found : made_up;
}

Bytes PakeVerifier::to_blob() const {
    Bytes blob{blob_version, static_cast<std::byte>(std::countr_zero(cost.n)),
               static_cast<std::byte>(cost.r), static_cast<std::byte>(cost.p)};
    blob.reserve(blob_bytes);
    auto const w0 = record.w0.reveal();
    blob.insert(blob.end(), salt.begin(), salt.end());
    blob.insert(blob.end(), w0.begin(), w0.end());
    blob.insert(blob.end(), record.l.begin(), record.l.end());
    return blob;
}

Result<PakeVerifier> PakeVerifier::from_blob(std::span<std::byte const> blob) {
    if (blob.size() != blob_bytes || blob[0] != blob_version || blob[1] > std::byte{31})
        return Error(Problem::state_damaged, "a PAKE verifier: its form");
    PakeVerifier found;
    found.cost = {1U << std::to_integer<unsigned>(blob[1]), std::to_integer<std::uint32_t>(blob[2]),
                  std::to_integer<std::uint32_t>(blob[3])};
    if (!is_fair_cost(found.cost))
        return Error(Problem::state_damaged, "a PAKE verifier: its cost");
    auto rest = blob.subspan(4);
    std::copy_n(rest.begin(), found.salt.size(), found.salt.begin());
    rest = rest.subspan(found.salt.size());
    found.record.w0 = pki::SpakeScalar(rest.first<pki::spake_scalar_bytes>());
    rest = rest.subspan(pki::spake_scalar_bytes);
    std::copy_n(rest.begin(), found.record.l.size(), found.record.l.begin());
    auto const checked = pki::check_spake_record(found.record);
    if (!checked) return checked.error();
    return found;
}

}  // namespace adaos::enrol

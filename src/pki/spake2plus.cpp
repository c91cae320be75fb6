#include "pki/spake2plus.hpp"

#include "pki/openssl.hpp"
#include "pki/spake_keys.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <cstdlib>

namespace adaos::pki {
namespace {

using GroupHandle = Handle<EC_GROUP, EC_GROUP_free>;
using PointHandle = Handle<EC_POINT, EC_POINT_clear_free>;
using NumberHandle = Handle<BIGNUM, BN_clear_free>;
using NumberContextHandle = Handle<BN_CTX, BN_CTX_free>;

/// Points and scalars of P-256. A failure (no memory) is a null handle, and what is computed from
/// a null handle is null; one look at the end is enough.
class Curve {
public:
    Curve() : scratch_(BN_CTX_secure_new()) {
        if (group() == nullptr || scratch_ == nullptr) std::abort();
    }

    /// Null also when the number is not in [1, order).
    [[nodiscard]] NumberHandle scalar(SpakeScalar const& bytes) const {
        NumberHandle number(BN_secure_new());
        if (number == nullptr ||
            BN_bin2bn(octets(bytes.reveal()), int{spake_scalar_bytes}, number.get()) == nullptr ||
            BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(group())) >= 0)
            return nullptr;
        BN_set_flags(number.get(), BN_FLG_CONSTTIME);
        return number;
    }
    /// 40 bytes modulo the order; false when that is 0.
    [[nodiscard]] bool reduce(std::span<std::byte const> wide, SpakeScalar& into) {
        NumberHandle const number(BN_secure_new());
        if (number == nullptr ||
            BN_bin2bn(octets(wide), static_cast<int>(wide.size()), number.get()) == nullptr)
            return false;
        BN_set_flags(number.get(), BN_FLG_CONSTTIME);
        NumberHandle const rest(BN_secure_new());
        if (rest == nullptr ||
            BN_nnmod(rest.get(), number.get(), EC_GROUP_get0_order(group()), scratch_.get()) != 1)
            return false;
        auto* const out = reinterpret_cast<unsigned char*>(into.fill().data());
        return !BN_is_zero(rest.get()) &&
               BN_bn2binpad(rest.get(), out, int{spake_scalar_bytes}) == spake_scalar_bytes;
    }

    /// Null unless `bytes` are 65, uncompressed, and on the curve (the identity has one byte).
    [[nodiscard]] PointHandle point(std::span<std::byte const> bytes) {
        if (bytes.size() != spake_point_bytes ||
            bytes[0] != std::byte{POINT_CONVERSION_UNCOMPRESSED})
            return nullptr;
        PointHandle found(EC_POINT_new(group()));
        if (found == nullptr || EC_POINT_oct2point(group(), found.get(), octets(bytes),
                                                   bytes.size(), scratch_.get()) != 1)
            return nullptr;
        return found;
    }
    /// False for the identity, too: it has no such form.
    [[nodiscard]] bool write(PointHandle const& from,
                             std::span<std::byte, spake_point_bytes> into) {
        return from != nullptr &&
               EC_POINT_point2oct(group(), from.get(), POINT_CONVERSION_UNCOMPRESSED,
                                  reinterpret_cast<unsigned char*>(into.data()), into.size(),
                                  scratch_.get()) == into.size();
    }

    // One scalar a call: OpenSSL multiplies in constant time then, on every platform. Where it has
    // no code of its own for P-256, a sum of two products takes a time that depends on the scalars.
    [[nodiscard]] PointHandle times_base(NumberHandle const& scalar) {
        return multiplied(scalar.get(), nullptr, nullptr, scalar != nullptr);
    }
    [[nodiscard]] PointHandle times(PointHandle const& point, NumberHandle const& scalar) {
        return multiplied(nullptr, point.get(), scalar.get(),
                          point != nullptr && scalar != nullptr);
    }
    [[nodiscard]] PointHandle plus(PointHandle const& a, PointHandle const& b) {
        PointHandle sum(EC_POINT_new(group()));
        if (a == nullptr || b == nullptr || sum == nullptr ||
            EC_POINT_add(group(), sum.get(), a.get(), b.get(), scratch_.get()) != 1)
            return nullptr;
        return sum;
    }
    [[nodiscard]] PointHandle minus(PointHandle const& a, PointHandle b) {
        if (b == nullptr || EC_POINT_invert(group(), b.get(), scratch_.get()) != 1) return nullptr;
        return plus(a, b);
    }

private:
    [[nodiscard]] static EC_GROUP const* group() {
        static GroupHandle const p256(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
        return p256.get();
    }
    [[nodiscard]] PointHandle multiplied(BIGNUM const* base_scalar, EC_POINT const* point,
                                         BIGNUM const* scalar, bool is_ready) {
        PointHandle product(EC_POINT_new(group()));
        if (!is_ready || product == nullptr ||
            EC_POINT_mul(group(), product.get(), base_scalar, point, scalar, scratch_.get()) != 1)
            return nullptr;
        return product;
    }
    NumberContextHandle scratch_;
};

Error no_share(std::string_view why) {
    ERR_clear_error();
    return Error(Problem::invalid_field, std::string(why));
}

Error failed() {
    return openssl_error(Problem::internal, "spake2+");
}

/// scalar * G + w0 * mask: what travels.
bool make_share(Curve& curve, NumberHandle const& scalar, SpakeScalar const& w0,
                SpakePoint const& mask, SpakePoint& into) {
    auto const masked = curve.times(curve.point(mask), curve.scalar(w0));
    return curve.write(curve.plus(curve.times_base(scalar), masked), into);
}

/// The peer's share without its mask.
PointHandle unmask(Curve& curve, PointHandle const& share, SpakeScalar const& w0,
                   SpakePoint const& mask) {
    return curve.minus(share, curve.times(curve.point(mask), curve.scalar(w0)));
}

Digest confirmation(SecretKey const& key, SpakePoint const& share) {
    return hmac_sha256(key.reveal(), share);
}

SpakePoint copied(std::span<std::byte const> share) {
    SpakePoint out{};
    std::copy_n(share.begin(), out.size(), out.begin());
    return out;
}

}  // namespace

Result<SpakeSecrets> spake_secrets(SecretBytes<spake_stretched_bytes> const& stretched) {
    Curve curve;
    SpakeSecrets secrets;
    auto const bytes = stretched.reveal();
    if (!curve.reduce(bytes.first(spake_stretched_bytes / 2), secrets.w0) ||
        !curve.reduce(bytes.last(spake_stretched_bytes / 2), secrets.w1))
        return failed();
    return secrets;
}

Result<SpakeRecord> spake_record(SpakeSecrets const& secrets) {
    Curve curve;
    SpakeRecord record{secrets.w0, {}};
    if (!curve.write(curve.times_base(curve.scalar(secrets.w1)), record.l)) return failed();
    return record;
}

Result<void> check_spake_record(SpakeRecord const& record) {
    Curve curve;
    if (curve.scalar(record.w0) == nullptr || curve.point(record.l) == nullptr)
        return openssl_error(Problem::state_damaged, "a SPAKE2+ record");
    return Result<void>();
}

SpakeScalar draw_spake_scalar(Random& random) {
    Curve const curve;
    SpakeScalar scalar;
    do random.fill(scalar.fill());
    while (curve.scalar(scalar) == nullptr);
    return scalar;
}

Result<SpakeProver> SpakeProver::start(SpakeSecrets secrets, SpakeScalar x) {
    Curve curve;
    SpakeProver prover(secrets, x);
    if (curve.scalar(secrets.w1) == nullptr ||
        !make_share(curve, curve.scalar(x), secrets.w0, spake_m(), prover.share_))
        return failed();
    return prover;
}

Result<SpakeProver::Proved> SpakeProver::finish(SpakeNames names,
                                                std::span<std::byte const> share_v,
                                                std::span<std::byte const> confirm_v) const {
    Curve curve;
    auto const share = curve.point(share_v);
    if (share == nullptr) return no_share("shareV: no point of the curve");
    if (equal_constant_time(share_v, share_)) return no_share("shareV: a share sent back");
    auto const bare = unmask(curve, share, secrets_.w0, spake_n());
    SpakeTranscript transcript{std::move(names), share_, copied(share_v), {}, {}, secrets_.w0};
    if (!curve.write(curve.times(bare, curve.scalar(x_)), transcript.z.fill()) ||
        !curve.write(curve.times(bare, curve.scalar(secrets_.w1)), transcript.v.fill()))
        return no_share("shareV: leads to the identity");
    auto const keys = spake_keys(transcript_bytes(transcript));
    if (!equal_constant_time(confirmation(keys.confirm_v, share_), confirm_v))
        return Error(Problem::proof_failed, "confirmV");
    return Proved{confirmation(keys.confirm_p, transcript.share_v), keys.shared};
}

Result<SpakeVerifier> SpakeVerifier::answer(SpakeNames names, SpakeRecord const& record,
                                            SpakeScalar y, std::span<std::byte const> share_p) {
    Curve curve;
    auto const share = curve.point(share_p);
    if (share == nullptr) return no_share("shareP: no point of the curve");
    SpakeVerifier verifier;
    auto const scalar = curve.scalar(y);
    if (!make_share(curve, scalar, record.w0, spake_n(), verifier.share_)) return failed();
    if (equal_constant_time(share_p, verifier.share_)) return no_share("shareP: a share sent back");
    auto const bare = unmask(curve, share, record.w0, spake_m());
    SpakeTranscript transcript{std::move(names), copied(share_p), verifier.share_, {}, {},
                               record.w0};
    if (!curve.write(curve.times(bare, scalar), transcript.z.fill()) ||
        !curve.write(curve.times(curve.point(record.l), scalar), transcript.v.fill()))
        return no_share("shareP: leads to the identity");
    auto const keys = spake_keys(transcript_bytes(transcript));
    verifier.confirm_ = confirmation(keys.confirm_v, transcript.share_p);
    verifier.expected_ = SecretKey(confirmation(keys.confirm_p, transcript.share_v));
    verifier.key_ = keys.shared;
    return verifier;
}

Result<SecretKey> SpakeVerifier::finish(std::span<std::byte const> confirm_p) const {
    if (!equal_constant_time(expected_.reveal(), confirm_p))
        return Error(Problem::proof_failed, "confirmP");
    return key_;
}

}  // namespace adaos::pki

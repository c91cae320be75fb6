#include "pki/spake2plus.hpp"

#include "base/json.hpp"
#include "base/problem.hpp"
#include "pki/spake_keys.hpp"
#include "support/seeded_random.hpp"

#include <openssl/err.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace adaos::spake2plus_test {

using namespace adaos::pki;
using adaos::test::SeededRandom;

namespace {

/// The order of P-256's group, and some of its neighbours.
constexpr char const* order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

template <std::size_t size>
std::array<std::byte, size> hex_array(std::string const& hex) {
    auto const bytes = from_hex(hex).value();
    REQUIRE(bytes.size() == size);
    std::array<std::byte, size> out{};
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

SpakeScalar scalar(std::string const& hex) {
    return SpakeScalar(hex_array<32>(hex));
}

Json vectors() {
    std::ifstream file(std::string(ADAOS_VECTORS) + "/spake2plus.json");
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    return parse_json(text).value().at("runs");
}

SecretBytes<80> stretched(unsigned char first) {
    SecretBytes<80> out;
    for (auto& byte : out.fill()) byte = static_cast<std::byte>(first++);
    return out;
}

SpakeNames names(std::string context = "test") {
    return {std::move(context), "p", "v"};
}

/// A prover and a verifier of one password.
struct Pair {
    SeededRandom random{3};
    SpakeSecrets secrets = spake_secrets(stretched(1)).value();
    SpakeRecord record = spake_record(secrets).value();
    SpakeProver prover = SpakeProver::start(secrets, draw_spake_scalar(random)).value();

    Result<SpakeVerifier> answer(std::span<std::byte const> share) {
        return SpakeVerifier::answer(names(), record, draw_spake_scalar(random), share);
    }
};

}  // namespace

TEST_CASE("SPAKE2+ has the vector of RFC 9383, both roles", "[pki][spake2plus][vectors]") {
    auto const runs = vectors();
    REQUIRE(runs.size() == 1);
    auto const hex = [&](char const* key) { return runs.at(0).at(key).get<std::string>(); };
    SpakeNames const who{hex("context"), hex("id_prover"), hex("id_verifier")};
    SpakeSecrets const secrets{scalar(hex("w0")), scalar(hex("w1"))};

    auto const record = spake_record(secrets).value();
    auto const prover = SpakeProver::start(secrets, scalar(hex("x"))).value();
    auto const verifier =
        SpakeVerifier::answer(who, record, scalar(hex("y")), prover.share()).value();
    auto const proved = prover.finish(who, verifier.share(), verifier.confirm()).value();
    auto const key = verifier.finish(proved.confirm).value();

    CHECK(to_hex(record.l) == hex("L"));
    CHECK(to_hex(prover.share()) == hex("shareP"));
    CHECK(to_hex(verifier.share()) == hex("shareV"));
    CHECK(to_hex(verifier.confirm()) == hex("confirmV"));
    CHECK(to_hex(proved.confirm) == hex("confirmP"));
    CHECK(to_hex(proved.key.reveal()) == hex("K_shared"));
    CHECK(to_hex(key.reveal()) == hex("K_shared"));
}

TEST_CASE("the transcript and its keys have the vector of RFC 9383", "[pki][spake2plus][vectors]") {
    auto const runs = vectors();
    auto const hex = [&](char const* key) { return runs.at(0).at(key).get<std::string>(); };
    SpakeTranscript const transcript{{hex("context"), hex("id_prover"), hex("id_verifier")},
                                     hex_array<65>(hex("shareP")),
                                     hex_array<65>(hex("shareV")),
                                     SecretBytes<65>(hex_array<65>(hex("Z"))),
                                     SecretBytes<65>(hex_array<65>(hex("V"))),
                                     scalar(hex("w0"))};

    auto const bytes = transcript_bytes(transcript);
    auto const keys = spake_keys(bytes);

    CHECK(to_hex(as_bytes(bytes.reveal())) == hex("TT"));
    CHECK(to_hex(keys.main.reveal()) == hex("K_main"));
    CHECK(to_hex(keys.confirm_p.reveal()) == hex("K_confirmP"));
    CHECK(to_hex(keys.confirm_v.reveal()) == hex("K_confirmV"));
    CHECK(to_hex(keys.shared.reveal()) == hex("K_shared"));
}

TEST_CASE("40 bytes become a scalar by division, big endian", "[pki][spake2plus]") {
    SecretBytes<80> wide;
    auto const n = hex_array<32>(order);
    std::copy(n.begin(), n.end(), wide.fill().begin() + 8);
    wide.fill()[39] ^= std::byte{0x07};  // w0s = n + 5 (…51 to …56)
    wide.fill()[40 + 7] = std::byte{1};  // w1s = 2^256

    auto const secrets = spake_secrets(wide).value();

    CHECK(to_hex(secrets.w0.reveal()) == std::string(63, '0') + "5");
    CHECK(to_hex(secrets.w1.reveal()) ==
          "00000000ffffffff00000000000000004319055258e8617b0c46353d039cdaaf");
}

TEST_CASE("scalars that are 0 modulo the order are refused", "[pki][spake2plus]") {
    SecretBytes<80> zero;
    CHECK(spake_secrets(zero).error().code == Problem::internal);

    for (auto const& bad : {std::string(64, '0'), std::string(order), std::string(64, 'f')}) {
        Pair pair;
        CHECK(SpakeProver::start(pair.secrets, scalar(bad)).error().code == Problem::internal);
        CHECK(SpakeProver::start({scalar(bad), pair.secrets.w1}, pair.secrets.w0).has_error());
        CHECK(SpakeProver::start({pair.secrets.w0, scalar(bad)}, pair.secrets.w0).has_error());
        CHECK(spake_record({pair.secrets.w0, scalar(bad)}).has_error());
        CHECK(SpakeVerifier::answer(names(), pair.record, scalar(bad), pair.prover.share())
                  .error()
                  .code == Problem::internal);
        CHECK(check_spake_record({scalar(bad), pair.record.l}).error().code ==
              Problem::state_damaged);
    }
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("two sides with one password agree on a key that is new in each run",
          "[pki][spake2plus]") {
    Pair pair;

    auto const first = pair.answer(pair.prover.share()).value();
    auto const second = pair.answer(pair.prover.share()).value();
    auto const proved = pair.prover.finish(names(), first.share(), first.confirm()).value();

    CHECK(to_hex(first.finish(proved.confirm).value().reveal()) == to_hex(proved.key.reveal()));
    CHECK(first.share() != second.share());
    CHECK(second.finish(proved.confirm).error().code == Problem::proof_failed);
}

TEST_CASE("another password, w1 or name fails at the confirmation", "[pki][spake2plus]") {
    Pair pair;
    auto const wrong = spake_secrets(stretched(2)).value();
    auto const prover = GENERATE_REF(
        SpakeProver::start(wrong, wrong.w0).value(),
        SpakeProver::start({pair.secrets.w0, wrong.w1}, wrong.w0).value(), pair.prover);
    auto const context = GENERATE(as<std::string>(), "test", "tesT");
    bool const is_right = prover.share() == pair.prover.share() && context == "test";

    auto const verifier = pair.answer(prover.share()).value();
    auto const proved = prover.finish(names(context), verifier.share(), verifier.confirm());

    CHECK(proved.has_value() == is_right);
    if (!is_right) CHECK(proved.error().code == Problem::proof_failed);
}

TEST_CASE("what is no share is refused by both roles", "[pki][spake2plus]") {
    Pair pair;
    auto const good = pair.prover.share();
    std::vector<Bytes> shares{Bytes(), Bytes(1), Bytes(65), Bytes(good.begin(), good.end() - 1)};
    shares.emplace_back(good.begin(), good.end());
    shares.back().push_back(std::byte{0});       // one byte more
    for (int const form : {0, 2, 3, 5, 6, 7}) {  // compressed, hybrid, none
        shares.emplace_back(good.begin(), good.end());
        shares.back()[0] = static_cast<std::byte>(form);
    }
    shares.emplace_back(good.begin(), good.begin() + 33);  // compressed, its own length
    shares.back()[0] = std::byte{2};
    shares.emplace_back(good.begin(), good.end());
    shares.back()[64] ^= std::byte{1};         // not on the curve
    shares.emplace_back(65, std::byte{0xff});  // coordinates above the prime
    shares.back()[0] = std::byte{4};

    for (auto const& share : shares) {
        CAPTURE(to_hex(share));
        CHECK(pair.answer(share).error().code == Problem::invalid_field);
        CHECK(pair.prover.finish(names(), share, Digest{}).error().code == Problem::invalid_field);
    }
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a share sent back is refused", "[pki][spake2plus]") {
    Pair pair;
    auto const y = draw_spake_scalar(pair.random);
    auto const verifier =
        SpakeVerifier::answer(names(), pair.record, y, pair.prover.share()).value();

    auto const to_prover = pair.prover.finish(names(), pair.prover.share(), verifier.confirm());
    auto const to_verifier = SpakeVerifier::answer(names(), pair.record, y, verifier.share());

    CHECK(to_prover.error().code == Problem::invalid_field);
    CHECK(to_verifier.error().code == Problem::invalid_field);
}

TEST_CASE("a share that is only the mask leads to the identity and is refused",
          "[pki][spake2plus]") {
    Pair pair;
    auto one = SpakeScalar();
    one.fill()[31] = std::byte{1};
    SpakeRecord const record{one, pair.record.l};  // w0 = 1, so that the mask is M or N itself
    auto const prover = SpakeProver::start({one, pair.secrets.w1}, pair.secrets.w0).value();

    auto const answered = SpakeVerifier::answer(names(), record, pair.secrets.w0, spake_m());
    auto const finished = prover.finish(names(), spake_n(), Digest{});

    CHECK(answered.error().code == Problem::invalid_field);
    CHECK(finished.error().code == Problem::invalid_field);
}

TEST_CASE("a record with an L off the curve is damaged", "[pki][spake2plus]") {
    Pair pair;
    CHECK(check_spake_record(pair.record).has_value());
    pair.record.l[64] ^= std::byte{1};

    CHECK(check_spake_record(pair.record).error().code == Problem::state_damaged);
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("drawn scalars are below the order, also from bytes that are not", "[pki][spake2plus]") {
    struct Steps final : Random {
        int calls = 0;
        void fill(std::span<std::byte> out) override {
            auto const value = calls == 0   ? std::byte{0xff}
                               : calls == 1 ? std::byte{0}
                                            : std::byte{9};
            std::fill(out.begin(), out.end(), value);
            ++calls;
        }
    } random;

    auto const drawn = draw_spake_scalar(random);

    CHECK(random.calls == 3);
    CHECK(drawn.reveal()[0] == std::byte{9});
}

}  // namespace adaos::spake2plus_test

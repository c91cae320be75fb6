#include "enrol/pake_verifier.hpp"

#include "enrol/join_code.hpp"
#include "enrol/pake_world.hpp"

namespace adaos::pake_verifier_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

TEST_CASE("a code's slot and secret are the code in two", "[enrol][pake]") {
    auto const* const text = GENERATE("ABCDEFGH", "ABCDEFGHJK", "ABCDEFGHJKLM");
    Secret const code(text);

    CHECK(code_slot(code) + code_secret(code).reveal() == text);
    CHECK(is_slot(code_slot(code)));
}

TEST_CASE("a slot has 2 to 4 symbols of the alphabet", "[enrol][pake]") {
    for (auto const* const slot : {"AB", "ABC", "Z9X2"}) CHECK(is_slot(slot));
    for (auto const* const slot : {"", "A", "ABCDE", "ab", "A1", "AO", "A-", "A "})
        CHECK_FALSE(is_slot(slot));
}

TEST_CASE("a verifier comes back from its blob", "[enrol][pake]") {
    auto const verifier = make_verifier("ABCDEFGH");

    auto const blob = verifier.to_blob();
    auto const again = PakeVerifier::from_blob(blob);

    CHECK(blob.size() == PakeVerifier::blob_bytes);
    REQUIRE(again.has_value());
    CHECK(again->to_blob() == blob);
    CHECK(again->cost == test_cost);
}

TEST_CASE("a blob that is not what was written is damaged", "[enrol][pake]") {
    auto const blob = make_verifier("ABCDEFGH").to_blob();
    for (std::size_t size = 0; size < blob.size(); ++size)
        CHECK(PakeVerifier::from_blob(std::span(blob).first(size)).has_error());
    auto longer = blob;
    longer.push_back(std::byte{0});
    CHECK(PakeVerifier::from_blob(longer).error().code == Problem::state_damaged);

    for (std::size_t at = 0; at < blob.size(); ++at) {
        if (at >= 4 && at < 20 + 32) continue;  // any salt and nearly any w0 would do
        auto changed = blob;
        changed[at] ^= std::byte{0x40};
        CAPTURE(at);
        CHECK(PakeVerifier::from_blob(changed).error().code == Problem::state_damaged);
    }
    for (auto const value : {std::byte{0}, std::byte{0xff}}) {
        auto changed = blob;
        std::fill_n(changed.begin() + 20, 32, value);
        CHECK(PakeVerifier::from_blob(changed).error().code == Problem::state_damaged);
    }
}

TEST_CASE("only costs that neither side can abuse are fair", "[enrol][pake]") {
    for (std::uint32_t const n : {1U << 14, 1U << 15, 1U << 16, 1U << 17})
        CHECK(is_fair_cost({n, 8, 1}));
    for (std::uint32_t const n : {0U, 1U, 1U << 13, 1U << 18, (1U << 15) + 1, (1U << 15) - 1})
        CHECK_FALSE(is_fair_cost({n, 8, 1}));
    for (std::uint32_t const other : {0U, 1U, 7U, 9U, 16U})
        CHECK_FALSE(is_fair_cost({1U << 15, other, 1}));
    for (std::uint32_t const other : {0U, 2U, 8U}) CHECK_FALSE(is_fair_cost({1U << 15, 8, other}));
    CHECK(is_fair_cost(code_cost));
}

TEST_CASE("probing a slot twice shows the same, with a code there or without", "[enrol][pake]") {
    auto const key = pake_mac_key();
    auto const real = make_verifier("ABCDEFGH");

    auto const fake = PakeVerifier::of_slot(key, "AB", std::nullopt);
    auto const again = PakeVerifier::of_slot(key, "AB", std::nullopt);
    auto const found = PakeVerifier::of_slot(key, "AB", real);

    CHECK(fake.to_blob() == again.to_blob());
    CHECK(fake.salt == real.salt);
    CHECK(found.to_blob() == real.to_blob());
    CHECK(fake.record.l != real.record.l);
    CHECK(PakeVerifier::from_blob(fake.to_blob()).has_value());
}

TEST_CASE("a fake verifier has the cost that codes are made with", "[enrol][pake]") {
    CHECK(PakeVerifier::fake(pake_mac_key(), "AB").cost == code_cost);
}

TEST_CASE("slots and authorities have salts and fakes of their own", "[enrol][pake]") {
    auto const one = PakeVerifier::fake(pake_mac_key(), "AB");
    auto const other_slot = PakeVerifier::fake(pake_mac_key(), "AC");
    auto const other_key = PakeVerifier::fake(Bytes(32, std::byte{1}), "AB");

    for (auto const& other : {other_slot, other_key}) {
        CHECK(other.salt != one.salt);
        CHECK(other.record.l != one.record.l);
        CHECK(to_hex(other.record.w0.reveal()) != to_hex(one.record.w0.reveal()));
    }
}

TEST_CASE("codes with one secret in two slots have nothing in common", "[enrol][pake]") {
    PakeSalt const salt{};

    auto const one = stretch_code(Secret("ABCDEFGH"), salt, test_cost).value();
    auto const two = stretch_code(Secret("ACCDEFGH"), salt, test_cost).value();

    CHECK(to_hex(one.w0.reveal()) != to_hex(two.w0.reveal()));
    CHECK(to_hex(one.w1.reveal()) != to_hex(two.w1.reveal()));
}

}  // namespace adaos::pake_verifier_test

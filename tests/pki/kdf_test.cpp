#include "pki/kdf.hpp"

#include "base/problem.hpp"
#include "pki/aead.hpp"

#include <openssl/err.h>

#include <catch2/catch.hpp>

namespace adaos::kdf_test {

using namespace adaos::pki;

TEST_CASE("HKDF has the vector of RFC 5869 without salt and info", "[pki][kdf]") {
    Bytes const secret(22, std::byte{0x0b});
    Bytes key(42);

    hkdf_sha256(secret, "", key);

    CHECK(to_hex(key) ==
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
          "9d201395faa4b61a96c8");
}

TEST_CASE("scrypt has the vector of RFC 7914", "[pki][kdf]") {
    Bytes key(64);

    auto const done =
        scrypt(Secret("pleaseletmein"), as_bytes("SodiumChloride"), {16384, 8, 1}, key);

    REQUIRE(done.has_value());
    CHECK(to_hex(key) ==
          "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
          "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

TEST_CASE("scrypt refuses a cost that is none, and one that needs too much memory", "[pki][kdf]") {
    auto const cost = GENERATE(ScryptCost{16383, 8, 1}, ScryptCost{0, 8, 1},
                               ScryptCost{16384, 0, 1}, ScryptCost{1U << 18, 8, 1});
    Bytes key(64);

    auto const done = scrypt(Secret("word"), as_bytes("salt"), cost, key);

    REQUIRE(done.has_error());
    CHECK(done.error().code == Problem::internal);
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a box has the vectors of AES-256-GCM for a zero key and nonce", "[pki][aead]") {
    SecretKey const zero;

    CHECK(to_hex(seal_once(zero, {}, "")) == "530f8afbc74536b9a963b4f1c4cb738b");
    CHECK(to_hex(seal_once(zero, {}, std::string(16, '\0'))) ==
          "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST_CASE("a box opens with its key and what it was bound to, and with nothing else",
          "[pki][aead]") {
    SecretKey key;
    auto const bound = as_bytes("run 1");
    auto const box = seal_once(key, bound, "a text");

    CHECK(open_once(key, bound, box).value() == "a text");
    CHECK(open_once(key, as_bytes("run 2"), box).error().code == Problem::proof_failed);
    for (std::size_t i = 0; i < box.size(); ++i) {
        auto changed = box;
        changed[i] ^= std::byte{1};
        CHECK(open_once(key, bound, changed).has_error());
        CHECK(open_once(key, bound, std::span(box).first(i)).has_error());
    }
    key.fill()[31] = std::byte{1};
    CHECK(open_once(key, bound, box).has_error());
    CHECK(ERR_peek_error() == 0);
}

}  // namespace adaos::kdf_test

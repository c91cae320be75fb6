#include "pki/key.hpp"

#include "base/problem.hpp"
#include "pki/openssl_tool.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <catch2/catch.hpp>

namespace adaos::key_test {

using namespace adaos::pki;

TEST_CASE("a key comes back from its PEM as the same key", "[pki][key]") {
    auto const type = GENERATE(KeyType::p256, KeyType::p384);
    auto const key = Key::make(type).value();

    auto const pem = key.to_pem();
    auto const again = Key::from_pem(pem);

    CHECK(pem.reveal().starts_with("-----BEGIN PRIVATE KEY-----"));
    REQUIRE(again.has_value());
    CHECK(again->spki_sha256() == key.spki_sha256());
    CHECK(EVP_PKEY_get_bits(again->native()) == (type == KeyType::p256 ? 256 : 384));
}

TEST_CASE("a key's hash is that of what OpenSSL writes for it, however its point is written",
          "[pki][key]") {
    auto const* const group = GENERATE("P-256", "P-384", "secp521r1", "RSA");
    auto const* const form = GENERATE("uncompressed", "compressed");
    bool const is_rsa = std::string_view(group) == "RSA";
    auto* const raw = is_rsa ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})
                             : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", group);
    REQUIRE(raw != nullptr);
    Key const key(raw);
    if (!is_rsa)
        REQUIRE(EVP_PKEY_set_utf8_string_param(raw, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                               form) == 1);

    unsigned char* der = nullptr;
    auto const size = i2d_PUBKEY(raw, &der);
    REQUIRE(size > 0);
    auto const expected =
        sha256({reinterpret_cast<std::byte const*>(der), static_cast<std::size_t>(size)});
    OPENSSL_free(der);

    CHECK(key.spki_sha256() == expected);
}

TEST_CASE("two keys are never the same", "[pki][key]") {
    auto const first = Key::make(KeyType::p256).value();
    auto const second = Key::make(KeyType::p256).value();

    CHECK(first.spki_sha256() != second.spki_sha256());
}

TEST_CASE("a text that is no private key is refused with OpenSSL's reason", "[pki][key]") {
    auto const text = GENERATE(as<std::string>(), "", "hello",
                               "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");

    auto const key = Key::from_pem(Secret(text));

    REQUIRE(key.has_error());
    CHECK(key.error().code == Problem::state_damaged);
    CHECK(key.error().context.starts_with("private key: "));
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a key under a passphrase is refused and nobody is asked for it", "[pki][key]") {
    auto const key = test::encrypted_key_pem(Key::make(KeyType::p256).value());

    CHECK(Key::from_pem(Secret(key)).has_error());
}

TEST_CASE("a public key has no private PEM", "[pki][key]") {
    auto const key = test::public_half(Key::make(KeyType::p256).value());

    CHECK(key.to_pem().empty());
    CHECK(ERR_peek_error() == 0);
}

}  // namespace adaos::key_test

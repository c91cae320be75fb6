#include "pki/request.hpp"

#include "base/problem.hpp"
#include "pki/large_requests.hpp"
#include "pki/openssl_tool.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <catch2/catch.hpp>

namespace adaos::request_test {

using namespace adaos::pki;

namespace {

std::string why_refused(std::string_view pem) {
    auto const checked = check_request(pem);
    REQUIRE(checked.has_error());
    CHECK(checked.error().code == Problem::csr_refused);
    CHECK(ERR_peek_error() == 0);
    return checked.error().context;
}

std::string good_request() {
    return make_request(Key::make(KeyType::p256).value(), "n").value();
}

}  // namespace

TEST_CASE("a request of ours gives back its public key and nothing else", "[pki][csr]") {
    auto const type = GENERATE(KeyType::p256, KeyType::p384);
    auto const key = Key::make(type).value();

    auto const checked = check_request(make_request(key, "kitchen").value());

    REQUIRE(checked.has_value());
    CHECK(checked->spki_sha256() == key.spki_sha256());
    CHECK(checked->to_pem().empty());
}

TEST_CASE("RSA is taken from 2048 bits on", "[pki][csr]") {
    CHECK(check_request(test::request(test::rsa_key(2048), EVP_sha256())).has_value());
    CHECK(check_request(test::request(test::rsa_key(2048), EVP_sha512())).has_value());
    CHECK(why_refused(test::request(test::rsa_key(2047), EVP_sha256())) ==
          "an RSA key of 2047 bits");
}

TEST_CASE("RSA is taken up to 8192 bits", "[pki][csr]") {
    // Recorded once: making such a key takes seconds.
    CHECK(check_request(test::rsa_8192_request).has_value());
    CHECK(why_refused(test::rsa_8194_request) == "an RSA key of 8194 bits");
}

TEST_CASE("an RSA exponent that makes checking slow is refused", "[pki][csr]") {
    CHECK(check_request(test::request(test::rsa_key(2048, 0x1'0000'0001UL), EVP_sha256()))
              .has_value());
    CHECK(why_refused(test::request(test::rsa_key(2048, 0x2'0000'0001UL), EVP_sha256())) ==
          "an unusual RSA exponent");
}

TEST_CASE("curves other than P-256 and P-384 are refused", "[pki][csr]") {
    auto const curve =
        GENERATE(as<char const*>(), "P-192", "P-224", "P-521", "secp256k1", "brainpoolP256r1");
    CAPTURE(curve);

    CHECK(why_refused(test::request(test::ec_key(curve), EVP_sha256())) ==
          "the key's curve is neither P-256 nor P-384");
}

TEST_CASE("a curve that is spelled out instead of named is refused", "[pki][csr]") {
    CHECK(why_refused(test::request(test::ec_key_with_explicit_curve(), EVP_sha256())) ==
          "the key's curve is not given by its name");
}

TEST_CASE("a key is the same identity whether its point is compressed or not", "[pki][csr]") {
    auto const curve = GENERATE(as<char const*>(), "P-256", "P-384");
    auto const key = test::ec_key(curve);
    auto const digest = key.spki_sha256();
    auto const compressed = test::compressed(key);

    auto const checked = check_request(test::request(compressed, EVP_sha256()));

    REQUIRE(checked.has_value());
    CHECK(checked->spki_sha256() == digest);
}

TEST_CASE("Ed25519 and Ed448 keys are refused", "[pki][csr]") {
    auto const algorithm = GENERATE(as<char const*>(), "ED25519", "ED448");

    CHECK(why_refused(test::request(test::other_key(algorithm), nullptr)) ==
          "the key is neither P-256, P-384 nor RSA");
}

TEST_CASE("a signature that is not SHA-2 is refused", "[pki][csr]") {
    auto const* const hash = GENERATE(EVP_sha1(), EVP_md5(), EVP_sha224(), EVP_sha3_256());
    auto const key = test::rsa_key(2048);

    CHECK(why_refused(test::request(key, hash)) ==
          "the signature's hash is not SHA-256, SHA-384 or SHA-512");
    CHECK(why_refused(test::pss_request(key)) ==
          "the signature's hash is not SHA-256, SHA-384 or SHA-512");
}

TEST_CASE("a request that asks to be a CA, or to sign as one, is refused", "[pki][csr]") {
    struct Case {
        test::Extensions wishes;
        std::string why;
    };
    std::string const ca = "it asks to be a CA (basicConstraints CA:TRUE)";
    std::string const sign = "it asks to sign certificates (keyUsage keyCertSign)";
    std::string const crl = "it asks to sign revocation lists (keyUsage cRLSign)";
    auto const c = GENERATE_COPY(values<Case>({
        {{{NID_basic_constraints, "CA:TRUE"}}, ca},
        {{{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"}}, ca},
        {{{NID_basic_constraints, "CA:FALSE"}, {NID_basic_constraints, "CA:TRUE"}}, ca},
        {{{NID_key_usage, "keyCertSign"}}, sign},
        {{{NID_key_usage, "critical,digitalSignature,keyCertSign"}}, sign},
        {{{NID_key_usage, "digitalSignature,cRLSign"}}, crl},
        {{{NID_subject_alt_name, "DNS:a"}, {NID_key_usage, "keyCertSign,cRLSign"}}, sign},
    }));
    CAPTURE(c.why);
    test::Extensions const harmless{{NID_subject_alt_name, "DNS:a"}};

    CHECK(why_refused(test::request_for(c.wishes)) == c.why);
    CHECK(why_refused(test::request_for({}, c.wishes)) == c.why);
    CHECK(why_refused(test::request_for(harmless, c.wishes)) == c.why);
}

TEST_CASE("a request may ask for all else, and gets none of it", "[pki][csr]") {
    auto const wishes = GENERATE(values<test::Extensions>({
        {{NID_basic_constraints, "CA:FALSE"}},
        {{NID_basic_constraints, "DER:3000"}},  // as DER leaves FALSE out
        {{NID_key_usage, "critical,digitalSignature,keyEncipherment,keyAgreement"}},
        {{NID_ext_key_usage, "serverAuth,clientAuth,codeSigning"}},
        {{NID_subject_alt_name, "DNS:root.example.org,URI:spiffe://root.adaos/root"}},
        {{NID_name_constraints, "permitted;URI:.adaos"}},
        {{NID_subject_key_identifier, "DER:FFFF"}},
        {},
    }));

    CHECK(check_request(test::request_for(wishes)).has_value());
}

TEST_CASE("a wish that cannot be read is refused where it may be for a CA's rights", "[pki][csr]") {
    auto const with = [](int nid, char const* der) { return test::request_for({{nid, der}}); };
    CHECK(why_refused(with(NID_basic_constraints, "DER:FFFF")) ==
          "its basicConstraints cannot be read");
    // What stands behind the value would be read by another parser than ours.
    CHECK(why_refused(with(NID_basic_constraints, "DER:300030030101FF")) ==
          "its basicConstraints cannot be read");
    CHECK(why_refused(with(NID_key_usage, "DER:0500")) == "its keyUsage cannot be read");
    CHECK_THAT(why_refused(test::request_for_nonsense()),
               Catch::StartsWith("what it asks for cannot be read"));
}

TEST_CASE("a request without proof of possession is refused", "[pki][csr]") {
    auto der = test::der_of(good_request());
    der[der.size() - 1] = static_cast<char>(der[der.size() - 1] ^ 1);

    CHECK_THAT(why_refused(test::pem_of("CERTIFICATE REQUEST", der)),
               Catch::StartsWith("the request's signature is wrong"));
}

TEST_CASE("every byte of a request is needed", "[pki][csr]") {
    auto const der = test::der_of(good_request());

    for (std::size_t n = 1; n < der.size(); ++n)
        CHECK(check_request(test::pem_of("CERTIFICATE REQUEST", der.substr(0, n))).has_error());
    CHECK(why_refused(test::pem_of("CERTIFICATE REQUEST", der + '\0')) ==
          "bytes after the PKCS#10 request");
}

TEST_CASE("no flipped bit of a request gets through", "[pki][csr]") {
    auto const der = test::der_of(good_request());

    for (std::size_t bit = 0; bit < der.size() * 8; ++bit) {
        auto bad = der;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        if (check_request(test::pem_of("CERTIFICATE REQUEST", bad)).has_value()) FAIL(bit);
    }
}

TEST_CASE("a request is exactly one PEM block of the right kind", "[pki][csr]") {
    auto const good = good_request();
    auto const der = test::der_of(good);

    CHECK(check_request("\n  " + good + "\r\n\t").has_value());
    CHECK(check_request(test::pem_of("NEW CERTIFICATE REQUEST", der)).has_value());
    CHECK(why_refused(good + good) == "not exactly one PEM block");
    CHECK(why_refused("hello\n" + good) == "not exactly one PEM block");
    CHECK(why_refused(good + "hello") == "not exactly one PEM block");
    CHECK(why_refused(der) == "not exactly one PEM block");
    CHECK(why_refused("") == "not exactly one PEM block");
    CHECK(why_refused("-----BEGIN -----") == "not exactly one PEM block");
    CHECK(why_refused(test::pem_of("CERTIFICATE", der)) == "not a CERTIFICATE REQUEST");
    auto headed = good;
    headed.insert(headed.find('\n') + 1, "Proc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,00\n\n");
    CHECK(why_refused(headed) == "the PEM block has header lines");
}

TEST_CASE("a request may be as large as the limit and no larger", "[pki][csr]") {
    auto const good = good_request();
    auto const padded = good + std::string(max_request_pem_bytes - good.size(), '\n');

    CHECK(check_request(padded).has_value());
    CHECK(why_refused(padded + '\n') == "the request is too large");
}

TEST_CASE("a common name that fits no certificate is refused when it is asked for", "[pki][csr]") {
    auto const key = Key::make(KeyType::p256).value();

    CHECK(make_request(key, "").has_value());
    CHECK(make_request(key, std::string(64, 'a')).has_value());
    CHECK(make_request(key, std::string(65, 'a')).error().code == Problem::invalid_field);
    CHECK(make_request(key, "\xff\xfe").error().code == Problem::invalid_field);
    CHECK(ERR_peek_error() == 0);
}

}  // namespace adaos::request_test

#include "pki/certificate.hpp"

#include "base/problem.hpp"
#include "pki/openssl.hpp"
#include "pki/openssl_tool.hpp"

#include <openssl/err.h>

#include <catch2/catch.hpp>

namespace adaos::certificate_test {

using namespace adaos::pki;
using test::node_1;

namespace {

Certificate self_signed(test::Extensions extensions, std::string name = "test") {
    auto const key = Key::make(KeyType::p256).value();
    test::Draft draft;
    draft.name = std::move(name);
    draft.extensions = std::move(extensions);
    return Certificate::from_pem(test::certificate(key, draft, "", key)).value();
}

std::optional<NodeIdentity> node_with(std::string const& names, char const* usage = "clientAuth",
                                      char const* constraints = "CA:FALSE") {
    return self_signed({{NID_basic_constraints, constraints},
                        {NID_ext_key_usage, usage},
                        {NID_subject_alt_name, names}})
        .node();
}

std::string const good_uri = "URI:spiffe://sn_0a1b2c3d.adaos/sn_0a1b2c3d/" + std::string(node_1);

}  // namespace

TEST_CASE("a node's identity is one URI with its subnet in host and path", "[pki][identity]") {
    auto const member = node_with(good_uri);
    auto const agent = node_with(good_uri, "clientAuth,serverAuth");

    REQUIRE(member);
    CHECK(*member == NodeIdentity{"sn_0a1b2c3d", node_1, false});
    CHECK("URI:" + member->uri() == good_uri);
    // It serves, but its subject is not its id: no hub, see agent_leaf_test.cpp.
    REQUIRE(agent);
    CHECK_FALSE(agent->hub);
    CHECK(node_with(good_uri + ",DNS:hub.local,IP:10.0.0.1"));
}

TEST_CASE("a certificate with any other URI is no node's", "[pki][identity]") {
    std::string const n = node_1;
    auto const uri = GENERATE_COPY(
        as<std::string>(),  //
        "spiffe://sn_0a1b2c3d.adaos/sn_ffffffff/" + n,
        "spiffe://sn_ffffffff.adaos/sn_0a1b2c3d/" + n,
        "spiffe://sn_0a1b2c3d.adaos/sn_0a1b2c3d/" + n + "/",
        "spiffe://sn_0a1b2c3d.adaos/sn_0a1b2c3d/" + n + "?x",
        "spiffe://sn_0a1b2c3d.adaos/sn_0a1b2c3d//" + n,
        "spiffe://sn_0a1b2c3d.adaos/x/sn_0a1b2c3d/" + n,
        "spiffe://sn_0a1b2c3d.adaos:1/sn_0a1b2c3d/" + n,
        "spiffe://u@sn_0a1b2c3d.adaos/sn_0a1b2c3d/" + n,
        "spiffe://sn_0a1b2c3d.adaos.evil/sn_0a1b2c3d/" + n,
        "spiffe://sn_0A1B2C3D.adaos/sn_0A1B2C3D/" + n,
        "SPIFFE://sn_0a1b2c3d.adaos/sn_0a1b2c3d/" + n, "https://sn_0a1b2c3d.adaos/sn_0a1b2c3d/" + n,
        "spiffe://sn_0a1b2c3d.adaos/sn_0a1b2c3d/node", "spiffe://sn_0a1b2c3d.adaos/sn_0a1b2c3d",
        "spiffe://", "x", root_uri);
    CAPTURE(uri);

    CHECK_FALSE(node_with("URI:" + uri));
}

TEST_CASE("a node's certificate has exactly one URI, is no CA and may be a TLS client",
          "[pki][identity]") {
    CHECK_FALSE(node_with(good_uri + "," + good_uri));
    CHECK_FALSE(node_with(good_uri + ",URI:https://example.org"));
    CHECK_FALSE(node_with("DNS:hub.local"));
    CHECK_FALSE(node_with(good_uri, "serverAuth"));
    CHECK_FALSE(node_with(good_uri, "clientAuth", "CA:TRUE"));
    CHECK_FALSE(self_signed({{NID_subject_alt_name, good_uri}}).node());
    CHECK_FALSE(self_signed({}).node());
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("Root is known by its one URI", "[pki][identity]") {
    auto const root = std::string("URI:") + root_uri;

    CHECK(self_signed({{NID_subject_alt_name, root + ",DNS:a"}}).is_root());
    CHECK_FALSE(self_signed({{NID_subject_alt_name, root + "," + good_uri}}).is_root());
    CHECK_FALSE(self_signed({{NID_subject_alt_name, root + "/"}}).is_root());
    CHECK_FALSE(
        self_signed({{NID_basic_constraints, "CA:TRUE"}, {NID_subject_alt_name, root}}).is_root());
    CHECK_FALSE(self_signed({}).is_root());
}

TEST_CASE("a certificate comes back from its PEM, whatever stands around it", "[pki][cert]") {
    auto const cert = self_signed({});
    auto const key = Key::make(KeyType::p256).value();

    auto const again =
        Certificate::from_pem("hello\n" + key.to_pem().reveal() + cert.to_pem() + "bye\n");

    REQUIRE(again.has_value());
    CHECK(again->fingerprint() == cert.fingerprint());
    CHECK(again->serial_hex() == "07");
    CHECK(again->subject() == "CN=test");
    CHECK(again->not_before() == test::day_one);
    CHECK(again->not_after() == test::day_one + std::chrono::hours(24));
    CHECK_FALSE(again->matches(key));
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a subject cannot put control characters into a log", "[pki][cert]") {
    CHECK(self_signed({}, "a\n\x1b[2J").subject() == "CN=a\\0A\\1B[2J");
}

TEST_CASE("a text that is no certificate is refused with OpenSSL's reason", "[pki][cert]") {
    auto const text =
        GENERATE(as<std::string>(), "", "hello", "-----BEGIN CERTIFICATE-----\nMIIB\n",
                 "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
                 "-----BEGIN TRUSTED CERTIFICATE-----\nMIIB\n-----END TRUSTED CERTIFICATE-----\n");

    auto const cert = Certificate::from_pem(text);

    REQUIRE(cert.has_error());
    CHECK(cert.error().code == Problem::invalid_field);
    CHECK(certificates_from_pem(text).error().code == Problem::invalid_field);
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a certificate with bytes after its end is refused", "[pki][cert]") {
    auto const der = test::der_of(self_signed({}).to_pem());

    CHECK(Certificate::from_pem(test::pem_of("CERTIFICATE", der)).has_value());
    CHECK(Certificate::from_pem(test::pem_of("CERTIFICATE", der + '\0')).has_error());
}

TEST_CASE("a chain may have as many certificates as the limit and no more", "[pki][cert]") {
    auto const one = self_signed({}).to_pem();
    std::string chain;
    for (std::size_t i = 0; i < max_chain_certificates; ++i) chain += one;

    CHECK(certificates_from_pem(chain)->size() == max_chain_certificates);
    CHECK(certificates_from_pem(chain + one).has_error());
}

TEST_CASE("a chain's text may be as large as the limit and no larger", "[pki][cert]") {
    auto const one = self_signed({}).to_pem();
    auto const padded = one + std::string(max_chain_pem_bytes - one.size(), '\n');

    CHECK(certificates_from_pem(padded).has_value());
    CHECK(certificates_from_pem(padded + '\n').has_error());
}

TEST_CASE("a fingerprint is taken in every form people paste", "[pki][fingerprint]") {
    std::string const hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    CHECK(parse_fingerprint(hex).value() == "sha256:" + hex);
    CHECK(parse_fingerprint("  SHA256:" + hex + "\n").value() == "sha256:" + hex);
    CHECK(parse_fingerprint("0123456789ABCDEF" + hex.substr(16)).value() == "sha256:" + hex);
    auto const cert = self_signed({});
    CHECK(parse_fingerprint(cert.fingerprint()).value() == cert.fingerprint());
    for (auto const& bad : {std::string(), "sha256:" + hex.substr(1), hex + "0", "sha1:" + hex,
                            "sha256:sha256:" + hex, hex.substr(1) + "g", "sha256: " + hex}) {
        CAPTURE(bad);
        CHECK(parse_fingerprint(bad).error().code == Problem::invalid_field);
    }
}

}  // namespace adaos::certificate_test

#include "pki/authority.hpp"

#include "base/problem.hpp"
#include "pki/openssl.hpp"
#include "pki/openssl_tool.hpp"
#include "support/seeded_random.hpp"

#include <openssl/err.h>

#include <catch2/catch.hpp>

#include <set>

namespace adaos::authority_test {

using namespace adaos::pki;
using namespace std::chrono_literals;
using test::day_one;
using test::node_1;
using test::subnet_a;
using test::subnet_b;

namespace {

Key new_key() {
    return Key::make(KeyType::p256).value();
}

Authority root_authority(Random& random) {
    return Authority::make("test root", "", KeyType::p256, day_one, random).value();
}

/// A subnet issuer that `root` signed.
Authority issuer_below(Authority const& root, std::string const& subnet, Random& random) {
    auto const key = new_key();
    auto const chain = root.issue_issuer(key, subnet, day_one, random).value();
    return Authority::load(chain, key.to_pem()).value();
}

std::vector<Certificate> parse(std::string const& pem) {
    return certificates_from_pem(pem).value();
}

bool has_extension(Certificate const& cert, int nid, bool critical) {
    auto const at = X509_get_ext_by_NID(cert.native(), nid, -1);
    return at >= 0 &&
           (X509_EXTENSION_get_critical(X509_get_ext(cert.native(), at)) == 1) == critical;
}

}  // namespace

TEST_CASE("Root's authority is a self-signed CA that may sign certificates and CRLs only",
          "[pki][authority]") {
    test::SeededRandom random;
    auto const ca = root_authority(random).certificate();

    CHECK(ca.is_ca());
    CHECK(ca.subject() == "CN=test root,O=adaos");
    CHECK(X509_get_pathlen(ca.native()) == -1);
    CHECK(X509_get_key_usage(ca.native()) == (KU_KEY_CERT_SIGN | KU_CRL_SIGN));
    CHECK(has_extension(ca, NID_basic_constraints, true));
    CHECK(has_extension(ca, NID_key_usage, true));
    CHECK(X509_get_ext_by_NID(ca.native(), NID_name_constraints, -1) == -1);
    CHECK(ca.not_before() == day_one - 60s);
    CHECK(ca.not_after() == day_one + authority_life);
    CHECK_FALSE(ca.node());
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a subnet issuer has path length 0 and is bound to its subnet", "[pki][authority]") {
    test::SeededRandom random;
    auto const root = root_authority(random);
    bool const below_root = GENERATE(true, false);
    auto const issuer =
        below_root ? issuer_below(root, subnet_a, random).certificate()
                   : Authority::make("", subnet_a, KeyType::p256, day_one, random)->certificate();

    CHECK(issuer.is_ca());
    CHECK(X509_get_pathlen(issuer.native()) == 0);
    CHECK(X509_get_key_usage(issuer.native()) == (KU_KEY_CERT_SIGN | KU_CRL_SIGN));
    CHECK(has_extension(issuer, NID_basic_constraints, true));
    CHECK(has_extension(issuer, NID_name_constraints, true));
    CHECK(issuer.subject() == "CN=adaos subnet issuer,O=sn_0a1b2c3d");
    CHECK_FALSE(issuer.node());
}

TEST_CASE("a node's leaf carries its identity and role and nothing more", "[pki][authority]") {
    test::SeededRandom random;
    auto const root = root_authority(random);
    bool const hub = GENERATE(true, false);
    NodeIdentity const who{subnet_a, node_1, hub};
    auto const key = new_key();

    auto const chain = parse(root.issue_node(key, who, day_one, random).value());

    REQUIRE(chain.size() == 1);  // the self-signed top is not sent
    auto const& leaf = chain.front();
    CHECK(leaf.node() == who);
    CHECK(leaf.matches(key));
    CHECK_FALSE(leaf.is_ca());
    CHECK_FALSE(leaf.is_root());
    CHECK(leaf.subject() == std::string("CN=") + node_1 + ",O=" + subnet_a);
    CHECK(leaf.not_before() == day_one - backdate);
    CHECK(leaf.not_after() == day_one + leaf_life);
    CHECK(X509_get_key_usage(leaf.native()) == KU_DIGITAL_SIGNATURE);
    CHECK(has_extension(leaf, NID_basic_constraints, true));
    CHECK(has_extension(leaf, NID_key_usage, true));
    CHECK(has_extension(leaf, NID_subject_key_identifier, false));
    CHECK(has_extension(leaf, NID_authority_key_identifier, false));
    CHECK(X509_get_extended_key_usage(leaf.native()) ==
          (hub ? XKU_SSL_CLIENT | XKU_SSL_SERVER : XKU_SSL_CLIENT));
}

TEST_CASE("a leaf under a subnet issuer comes with that issuer but without Root's CA",
          "[pki][authority]") {
    test::SeededRandom random;
    auto const root = root_authority(random);
    auto const issuer = issuer_below(root, subnet_a, random);

    auto const chain =
        parse(issuer.issue_node(new_key(), {subnet_a, node_1, false}, day_one, random).value());

    REQUIRE(chain.size() == 2);
    CHECK(chain[1].fingerprint() == issuer.certificate().fingerprint());
}

TEST_CASE("a server's chain ends with the self-signed top", "[pki][authority]") {
    test::SeededRandom random;
    auto const root = root_authority(random);
    auto const issuer = issuer_below(root, subnet_a, random);

    auto const of_root =
        parse(root.issue_server(new_key(), {}, Authority::Kind::root, day_one, random).value());
    auto const of_hub =
        parse(issuer.issue_server(new_key(), {"hub.local"}, Authority::Kind::hub, day_one, random)
                  .value());

    REQUIRE(of_root.size() == 2);
    CHECK(of_root[0].is_root());
    CHECK(of_root[1].fingerprint() == root.certificate().fingerprint());
    REQUIRE(of_hub.size() == 3);
    CHECK_FALSE(of_hub[0].is_root());
    CHECK_FALSE(of_hub[0].node());
    CHECK(of_hub[2].fingerprint() == root.certificate().fingerprint());
}

TEST_CASE("a server's certificate is good for its names and addresses", "[pki][authority]") {
    test::SeededRandom random;
    auto const root = root_authority(random);
    std::vector<std::string> const hosts{"localhost", "*.example.org", "10.0.0.1",
                                         "::1",       "[2001:db8::7]", "my_hub"};

    auto const leaf =
        parse(root.issue_server(new_key(), hosts, Authority::Kind::root, day_one, random).value())
            .front();

    for (auto const* const name : {"localhost", "a.example.org"})
        CHECK(X509_check_host(leaf.native(), name, 0, 0, nullptr) == 1);
    for (auto const* const address : {"10.0.0.1", "::1", "2001:db8::7"})
        CHECK(X509_check_ip_asc(leaf.native(), address, 0) == 1);
    CHECK(X509_check_host(leaf.native(), "example.com", 0, 0, nullptr) == 0);
    CHECK(X509_check_ip_asc(leaf.native(), "10.0.0.2", 0) == 0);
    CHECK(X509_get_extended_key_usage(leaf.native()) == XKU_SSL_SERVER);
    CHECK(leaf.is_root());
}

TEST_CASE("a host that is neither name nor address is refused", "[pki][authority]") {
    test::SeededRandom random;
    auto const root = root_authority(random);
    auto const host = GENERATE(as<std::string>(), "", " ", "a b", "a..b", ".a", "a.", "-a", "a-",
                               "a,DNS:evil", "[::1", "a/b", "*", "*.", "a.*.b", "1.2.3.4\n",
                               std::string("1.2.3.4\0", 8), std::string(64, 'a'), "http://a");
    CAPTURE(host);

    auto const made = root.issue_server(new_key(), {host}, Authority::Kind::root, day_one, random);

    REQUIRE(made.has_error());
    CHECK(made.error().code == Problem::invalid_field);
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a DNS name may have 253 characters and a label 63", "[pki][authority]") {
    test::SeededRandom random;
    auto const root = root_authority(random);
    std::string const label(63, 'a');
    auto const longest = label + '.' + label + '.' + label + '.' + std::string(61, 'b');
    auto const issue = [&](std::string const& host) {
        return root.issue_server(new_key(), {host}, Authority::Kind::root, day_one, random);
    };

    CHECK(longest.size() == 253);
    CHECK(issue(longest).has_value());
    CHECK(issue(longest + 'b').has_error());
}

TEST_CASE("a server certificate has at most 64 hosts, and a hub's has one", "[pki][authority]") {
    test::SeededRandom random;
    auto const root = root_authority(random);
    auto const issue = [&](std::size_t n, Authority::Kind kind) {
        return root.issue_server(new_key(), std::vector<std::string>(n, "a"), kind, day_one,
                                 random);
    };

    CHECK(issue(max_hosts, Authority::Kind::root).has_value());
    CHECK(issue(max_hosts + 1, Authority::Kind::root).error().code == Problem::invalid_field);
    CHECK(issue(0, Authority::Kind::root).has_value());
    CHECK(issue(1, Authority::Kind::hub).has_value());
    CHECK(issue(0, Authority::Kind::hub).error().code == Problem::invalid_field);
}

TEST_CASE("serials are positive, of 128 random bits, and never repeat", "[pki][authority]") {
    test::SeededRandom random;
    auto const root = root_authority(random);
    auto const key = new_key();
    std::set<std::string> seen;

    for (int i = 0; i < 200; ++i) {
        auto const leaf =
            parse(root.issue_node(key, {subnet_a, node_1, false}, day_one, random).value()).front();
        CHECK(ASN1_STRING_type(X509_get0_serialNumber(leaf.native())) == V_ASN1_INTEGER);
        CHECK(leaf.serial_hex().size() <= 32);
        seen.insert(leaf.serial_hex());
    }

    CHECK(seen.size() == 200);
}

TEST_CASE("a random source of zeros still gives a positive serial", "[pki][authority]") {
    struct Zeros final : Random {
        void fill(std::span<std::byte> out) override {
            std::fill(out.begin(), out.end(), std::byte{0});
        }
    } zeros;

    CHECK(root_authority(zeros).certificate().serial_hex() == "01");
}

TEST_CASE("no leaf outlives a certificate above it", "[pki][authority]") {
    test::SeededRandom random;
    auto const root = root_authority(random);
    auto const issuer = issuer_below(root, subnet_a, random);
    auto const end = root.certificate().not_after();
    auto const leaf_end = [&](Authority const& authority, WallTime now) {
        NodeIdentity const who{subnet_a, node_1, false};
        return parse(authority.issue_node(new_key(), who, now, random).value()).front().not_after();
    };

    CHECK(issuer.certificate().not_after() == end);
    CHECK(leaf_end(root, end - leaf_life) == end);
    CHECK(leaf_end(root, end - leaf_life - 1s) == end - 1s);
    CHECK(leaf_end(root, end - 1h) == end);
    CHECK(leaf_end(issuer, end - 1h) == end);
}

TEST_CASE("an authority signs nothing outside its own time", "[pki][authority]") {
    test::SeededRandom random;
    auto const root = root_authority(random);
    NodeIdentity const who{subnet_a, node_1, false};
    auto const key = new_key();
    auto const begin = root.certificate().not_before();
    auto const end = root.certificate().not_after();

    CHECK(root.issue_node(key, who, begin, random).has_value());
    CHECK(root.issue_node(key, who, begin - 1s, random).error().code == Problem::clock_wrong);
    CHECK(root.issue_node(key, who, end - 1s, random).has_value());
    CHECK(root.issue_node(key, who, end, random).error().code == Problem::clock_wrong);
}

TEST_CASE("an authority refuses malformed ids", "[pki][authority]") {
    test::SeededRandom random;
    auto const root = root_authority(random);
    auto const code = [&](char const* subnet, char const* node) {
        return root.issue_node(new_key(), {subnet, node, false}, day_one, random).error().code;
    };

    CHECK(code("", node_1) == Problem::invalid_field);
    CHECK(code("sn_0A1B2C3D", node_1) == Problem::invalid_field);
    CHECK(code(subnet_a, "node") == Problem::invalid_field);
    CHECK(root.issue_issuer(new_key(), "sn_", day_one, random).error().code ==
          Problem::invalid_field);
    CHECK(Authority::make("x", "sn_", KeyType::p256, day_one, random).error().code ==
          Problem::invalid_field);
}

TEST_CASE("a subnet issuer signs only for its own subnet and makes no issuers",
          "[pki][authority]") {
    test::SeededRandom random;
    auto const root = root_authority(random);
    auto const issuer = issuer_below(root, subnet_a, random);
    auto const key = new_key();

    auto const other = issuer.issue_node(key, {subnet_b, node_1, true}, day_one, random);
    auto const as_root = issuer.issue_server(key, {"a"}, Authority::Kind::root, day_one, random);
    auto const deeper = issuer.issue_issuer(key, subnet_a, day_one, random);

    CHECK(other.error().code == Problem::peer_untrusted);
    CHECK(as_root.error().code == Problem::peer_untrusted);
    CHECK(deeper.error().code == Problem::peer_untrusted);
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("an authority comes back from its files", "[pki][authority]") {
    test::SeededRandom random;
    auto const type = GENERATE(KeyType::p256, KeyType::p384);
    auto const root = Authority::make("r", "", type, day_one, random).value();

    auto const again = Authority::load(root.chain_pem(), root.key_pem()).value();
    auto const chain = again.issue_node(new_key(), {subnet_a, node_1, true}, day_one, random);

    CHECK(again.certificate().fingerprint() == root.certificate().fingerprint());
    CHECK(again.chain_pem() == root.chain_pem());
    CHECK(verify_chain(chain.value(), root.chain_pem(), day_one).has_value());
}

TEST_CASE("an authority whose files do not belong together is not loaded", "[pki][authority]") {
    test::SeededRandom random;
    auto const root = root_authority(random);
    auto const stranger = root_authority(random);
    auto const issuer = issuer_below(root, subnet_a, random);
    auto const leaf_key = new_key();
    auto const leaf = root.issue_node(leaf_key, {subnet_a, node_1, true}, day_one, random).value();
    auto const code = [](std::string const& chain, Secret const& key) {
        return Authority::load(chain, key).error().code;
    };
    auto const alone = issuer.certificate().to_pem();

    CHECK(code(root.chain_pem(), stranger.key_pem()) == Problem::state_damaged);
    CHECK(code("", root.key_pem()) == Problem::state_damaged);
    CHECK(code(root.chain_pem(), Secret("x")) == Problem::state_damaged);
    CHECK(code(leaf + root.chain_pem(), leaf_key.to_pem()) == Problem::state_damaged);
    CHECK(code(alone, issuer.key_pem()) == Problem::state_damaged);
    CHECK(code(alone + stranger.chain_pem(), issuer.key_pem()) == Problem::state_damaged);
    CHECK(ERR_peek_error() == 0);
}

}  // namespace adaos::authority_test

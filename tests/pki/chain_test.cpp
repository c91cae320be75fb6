#include "pki/certificate.hpp"

#include "base/problem.hpp"
#include "pki/authority.hpp"
#include "pki/openssl.hpp"
#include "pki/openssl_tool.hpp"
#include "support/seeded_random.hpp"

#include <openssl/err.h>

#include <catch2/catch.hpp>

namespace adaos::chain_test {

using namespace adaos::pki;
using namespace std::chrono_literals;
using test::day_one;
using test::node_1;
using test::subnet_a;
using test::subnet_b;

namespace {

/// Root, and below it an issuer for subnet A.
struct World {
    test::SeededRandom random;
    Authority root = Authority::make("root", "", KeyType::p256, day_one, random).value();
    Key issuer_key = Key::make(KeyType::p256).value();
    Authority issuer = load_issuer();
    Key key = Key::make(KeyType::p256).value();

    Authority load_issuer() {
        auto const chain = root.issue_issuer(issuer_key, subnet_a, day_one, random).value();
        return Authority::load(chain, issuer_key.to_pem()).value();
    }
    std::string leaf(Authority const& by) {
        return by.issue_node(key, {subnet_a, node_1, false}, day_one, random).value();
    }
    /// What a hub that ignores every rule could sign with its issuer's key.
    std::string forged(test::Extensions extensions, EVP_MD const* hash = EVP_sha256()) {
        test::Draft draft;
        draft.extensions = std::move(extensions);
        draft.hash = hash;
        auto const above = issuer.certificate().to_pem();
        return test::certificate(key, draft, above, issuer_key) + issuer.chain_pem();
    }
    std::string anchors() { return root.chain_pem(); }
};

/// The extensions of a proper leaf with `names`.
test::Extensions leaf_extensions(std::string const& names) {
    return {{NID_basic_constraints, "critical,CA:FALSE"},
            {NID_key_usage, "critical,digitalSignature"},
            {NID_ext_key_usage, "serverAuth,clientAuth"},
            {NID_subject_key_identifier, "hash"},
            {NID_authority_key_identifier, "keyid:always"},
            {NID_subject_alt_name, names}};
}

std::string why_untrusted(std::string_view chain, std::string_view anchors, WallTime at = day_one) {
    auto const verified = verify_chain(chain, anchors, at);
    REQUIRE(verified.has_error());
    CHECK(verified.error().code == Problem::peer_untrusted);
    CHECK(ERR_peek_error() == 0);
    return verified.error().context;
}

}  // namespace

TEST_CASE("leaves of Root and of its issuers are trusted under Root", "[pki][chain]") {
    World w;

    CHECK(verify_chain(w.leaf(w.root), w.anchors(), day_one).has_value());
    auto const below = verify_chain(w.leaf(w.issuer), w.anchors(), day_one);
    REQUIRE(below.has_value());
    CHECK(below->node()->node_id == node_1);
    auto const server =
        w.root.issue_server(w.key, {"a"}, Authority::Kind::root, day_one, w.random).value();
    CHECK(verify_chain(server, w.anchors(), day_one)->is_root());
}

TEST_CASE("a hub's own issuer is its members' anchor", "[pki][chain]") {
    World w;
    auto const own = Authority::make("", subnet_a, KeyType::p256, day_one, w.random).value();

    CHECK(verify_chain(w.leaf(own), own.chain_pem(), day_one).has_value());
    CHECK_THAT(why_untrusted(w.leaf(own), w.anchors()),
               Catch::StartsWith("unable to get local issuer certificate"));
}

TEST_CASE("Root can certify an issuer later, and its leaves then verify under both",
          "[pki][chain]") {
    World w;
    auto const own = Authority::make("", subnet_a, KeyType::p256, day_one, w.random).value();
    auto const before = w.leaf(own);
    auto const key = Key::from_pem(own.key_pem()).value();
    auto const cross = w.root.issue_issuer(key, subnet_a, day_one, w.random).value();
    auto const after = w.leaf(Authority::load(cross, own.key_pem()).value());

    CHECK(verify_chain(before, own.chain_pem(), day_one).has_value());
    CHECK(verify_chain(before + cross, w.anchors(), day_one).has_value());
    CHECK(verify_chain(after, w.anchors(), day_one).has_value());
    CHECK(verify_chain(after, own.chain_pem(), day_one).has_value());
}

TEST_CASE("a leaf for another subnet signed by a subnet issuer is refused", "[pki][chain]") {
    World w;
    auto const own = "URI:" + node_uri(subnet_a, node_1);
    auto const other = "URI:" + node_uri(subnet_b, node_1);

    CHECK(verify_chain(w.forged(leaf_extensions(own)), w.anchors(), day_one).has_value());
    for (auto const& names :
         {other, own + "," + other, "URI:spiffe://a." + std::string(subnet_a) + ".adaos/x",
          std::string("URI:") + root_uri, std::string("URI:spiffe://sn_0a1b2c3d.adaos.evil/x")}) {
        CAPTURE(names);
        CHECK(why_untrusted(w.forged(leaf_extensions(names)), w.anchors()) ==
              "permitted subtree violation (certificate 0 of the chain)");
    }
}

TEST_CASE("a hub's own issuer is bound to its subnet as an anchor, too", "[pki][chain]") {
    World w;
    auto const own = Authority::make("", subnet_a, KeyType::p256, day_one, w.random).value();
    test::Draft draft;
    draft.extensions = leaf_extensions("URI:" + node_uri(subnet_b, node_1));
    auto const forged = test::certificate(w.key, draft, own.certificate().to_pem(),
                                          Key::from_pem(own.key_pem()).value());

    CHECK(why_untrusted(forged, own.chain_pem()) ==
          "permitted subtree violation (certificate 0 of the chain)");
}

TEST_CASE("a hub's TLS certificate for names and addresses passes the URI constraint",
          "[pki][chain]") {
    World w;
    auto const chain = w.issuer
                           .issue_server(w.key, {"hub.local", "192.168.1.7", "fd00::1"},
                                         Authority::Kind::hub, day_one, w.random)
                           .value();

    auto const leaf = verify_chain(chain, w.anchors(), day_one);

    REQUIRE(leaf.has_value());
    CHECK(X509_check_host(leaf->native(), "hub.local", 0, 0, nullptr) == 1);
    CHECK(X509_check_ip_asc(leaf->native(), "192.168.1.7", 0) == 1);
}

TEST_CASE("nothing below a subnet issuer is an issuer", "[pki][chain]") {
    World w;
    test::Extensions const ca{{NID_basic_constraints, "critical,CA:TRUE"},
                              {NID_key_usage, "critical,keyCertSign"},
                              {NID_subject_key_identifier, "hash"},
                              {NID_authority_key_identifier, "keyid:always"}};
    auto const middle = w.forged(ca);
    auto const first = certificates_from_pem(middle)->front().to_pem();
    test::Draft draft;
    draft.name = "leaf";
    draft.extensions = leaf_extensions("URI:" + node_uri(subnet_a, node_1));
    auto const leaf = test::certificate(w.key, draft, first, w.key);

    CHECK_THAT(why_untrusted(leaf + middle, w.anchors()),
               Catch::StartsWith("path length constraint exceeded"));
}

TEST_CASE("a leaf cannot sign another leaf", "[pki][chain]") {
    World w;
    auto const node = w.leaf(w.root);
    test::Draft draft;
    draft.extensions = leaf_extensions("URI:" + node_uri(subnet_b, node_1));
    auto const forged = test::certificate(w.key, draft, node, w.key);

    CHECK_THAT(why_untrusted(forged + node, w.anchors()),
               Catch::StartsWith("invalid CA certificate"));
}

TEST_CASE("a chain is trusted only inside its time", "[pki][chain]") {
    World w;
    auto const chain = w.leaf(w.issuer);

    CHECK(verify_chain(chain, w.anchors(), day_one - backdate).has_value());
    CHECK(why_untrusted(chain, w.anchors(), day_one - backdate - 1s) ==
          "certificate is not yet valid (certificate 2 of the chain)");
    CHECK(verify_chain(chain, w.anchors(), day_one + leaf_life - 1s).has_value());
    CHECK(why_untrusted(chain, w.anchors(), day_one + leaf_life) ==
          "certificate has expired (certificate 0 of the chain)");
}

TEST_CASE("an intermediate is never an anchor", "[pki][chain]") {
    World w;

    CHECK_THAT(why_untrusted(w.leaf(w.issuer), w.issuer.certificate().to_pem()),
               Catch::StartsWith("unable to get issuer certificate"));
    CHECK_THAT(why_untrusted(w.leaf(w.root), w.leaf(w.root)),
               Catch::StartsWith("unable to get local issuer certificate"));
}

TEST_CASE("a presented top does not make itself trusted", "[pki][chain]") {
    World w;
    auto const stranger = Authority::make("root", "", KeyType::p256, day_one, w.random).value();

    CHECK_THAT(why_untrusted(w.leaf(stranger) + stranger.chain_pem(), w.anchors()),
               Catch::StartsWith("self-signed certificate in certificate chain"));
}

TEST_CASE("a chain without its intermediate is not trusted", "[pki][chain]") {
    World w;
    auto const alone = certificates_from_pem(w.leaf(w.issuer))->front().to_pem();

    CHECK_THAT(why_untrusted(alone, w.anchors()),
               Catch::StartsWith("unable to get local issuer certificate"));
}

TEST_CASE("a chain with a weak hash or key is not trusted", "[pki][chain]") {
    World w;
    auto const names = leaf_extensions("URI:" + node_uri(subnet_a, node_1));

    CHECK_THAT(why_untrusted(w.forged(names, EVP_sha1()), w.anchors()),
               Catch::StartsWith("CA signature digest algorithm too weak"));
    w.key = test::rsa_key(1024);
    CHECK_THAT(why_untrusted(w.forged(names), w.anchors()),
               Catch::StartsWith("EE certificate key too weak"));
}

TEST_CASE("texts without certificates are not trusted, on either side", "[pki][chain]") {
    World w;

    CHECK(why_untrusted("", w.anchors()) == "presented chain: there is no certificate in the text");
    CHECK(why_untrusted(w.leaf(w.root), "") ==
          "trust anchors: there is no certificate in the text");
    CHECK_THAT(
        why_untrusted("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", w.anchors()),
        Catch::StartsWith("presented chain: certificate: "));
}

TEST_CASE("a chain with any bit changed is not trusted", "[pki][chain]") {
    World w;
    auto const der = test::der_of(w.leaf(w.root));

    for (std::size_t bit = 0; bit < der.size() * 8; bit += 3) {
        auto bad = der;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        auto const pem = test::pem_of("CERTIFICATE", bad);
        if (verify_chain(pem, w.anchors(), day_one).has_value()) FAIL(bit);
    }
}

}  // namespace adaos::chain_test

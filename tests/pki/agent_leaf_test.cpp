#include "base/problem.hpp"
#include "pki/authority.hpp"
#include "pki/openssl.hpp"
#include "pki/pinned.hpp"
#include "pki/request.hpp"
#include "support/seeded_random.hpp"

#include <catch2/catch.hpp>

#include <set>

namespace adaos::agent_leaf_test {

using namespace adaos::pki;
using namespace std::chrono_literals;

namespace {

WallTime const now = WallTime(std::chrono::seconds(1'800'000'000));
std::string const subnet = "sn_0000000a";

struct Ca {
    test::SeededRandom random;
    Authority root = Authority::make("root", "", KeyType::p256, now, random).value();
    Key key = Key::make(KeyType::p384).value();
    NodeIdentity who{subnet, random.uuid(), false};

    Authority issuer() {
        auto const below = Key::make(KeyType::p256).value();
        return Authority::load(root.issue_issuer(below, subnet, now, random).value(),
                               below.to_pem())
            .value();
    }
};

bool has_host(Certificate const& cert, char const* host) {
    return X509_check_host(cert.native(), host, 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) ==
           1;
}
bool has_address(Certificate const& cert, char const* address) {
    return X509_check_ip_asc(cert.native(), address, 0) == 1;
}

}  // namespace

TEST_CASE("an agent's leaf serves and calls under its names", "[pki][agent]") {
    Ca ca;
    auto const pem =
        ca.root.issue_agent(ca.key, {ca.who, "node-1", "agent.example.org"}, now, ca.random);
    REQUIRE(pem.has_value());
    auto const leaf = Certificate::from_pem(*pem).value();

    CHECK(leaf.subject() == "CN=node-node-1,O=" + subnet);
    CHECK(has_host(leaf, "node-node-1.agents.otherix.local"));
    CHECK(has_host(leaf, "localhost"));
    CHECK(has_host(leaf, "agent.example.org"));
    CHECK(has_address(leaf, "127.0.0.1"));
    CHECK(X509_get_key_usage(leaf.native()) == (KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT));
    CHECK(X509_get_extended_key_usage(leaf.native()) == (XKU_SSL_SERVER | XKU_SSL_CLIENT));
    CHECK(leaf.not_before() == now - 60s);
    CHECK(leaf.matches(ca.key));
}

TEST_CASE("an agent's endpoint may be an address", "[pki][agent]") {
    Ca ca;
    auto const four = Certificate::from_pem(
        *ca.root.issue_agent(ca.key, {ca.who, "a", "192.0.2.7"}, now, ca.random));
    auto const six = Certificate::from_pem(
        *ca.root.issue_agent(ca.key, {ca.who, "a", "2001:db8::7"}, now, ca.random));

    CHECK(has_address(*four, "192.0.2.7"));
    CHECK(has_address(*six, "2001:db8::7"));
    CHECK(ca.root.issue_agent(ca.key, {ca.who, "a", "no host"}, now, ca.random).error().code ==
          Problem::invalid_field);
}

TEST_CASE("an agent is its node, and no hub although it serves", "[pki][agent]") {
    Ca ca;
    for (auto const& name : {std::string("a"), std::string(63, 'x')}) {
        auto const agent =
            Certificate::from_pem(*ca.root.issue_agent(ca.key, {ca.who, name, ""}, now, ca.random));
        CHECK(agent->node() == ca.who);
    }
    auto hub = ca.who;
    hub.hub = true;
    auto const leaf = Certificate::from_pem(*ca.root.issue_node(ca.key, hub, now, ca.random));
    CHECK(leaf->node() == hub);
}

TEST_CASE("a hub's issuer may sign agents of its own subnet alone", "[pki][agent]") {
    Ca ca;
    auto const issuer = ca.issuer();
    auto const chain = issuer.issue_agent(ca.key, {ca.who, "a", "a.example.org"}, now, ca.random);
    REQUIRE(chain.has_value());
    CHECK(verify_chain(*chain, ca.root.certificate().to_pem(), now).has_value());

    NodeIdentity const stranger{"sn_0000000b", ca.who.node_id, false};
    auto const refused = issuer.issue_agent(ca.key, {stranger, "a", ""}, now, ca.random);
    CHECK(refused.error().code == Problem::peer_untrusted);
}

TEST_CASE("no two agents' leaves share a serial", "[pki][agent]") {
    Ca ca;
    std::set<std::string> serials;
    for (int i = 0; i < 20; ++i)
        serials.insert(
            Certificate::from_pem(*ca.root.issue_agent(ca.key, {ca.who, "a", ""}, now, ca.random))
                ->serial_hex());
    CHECK(serials.size() == 20);
}

TEST_CASE("a leaf is issued by the CA that signed it, root or not, and by no other",
          "[pki][pinned]") {
    Ca ca;
    auto const issuer = ca.issuer();
    auto const by_root = *ca.root.issue_agent(ca.key, {ca.who, "a", ""}, now, ca.random);
    auto const by_hub = *issuer.issue_agent(ca.key, {ca.who, "a", ""}, now, ca.random);
    auto const other = Authority::make("root", "", KeyType::p256, now, ca.random).value();

    CHECK(verify_issued(by_root, ca.root.certificate(), now).has_value());
    CHECK(verify_issued(by_hub, issuer.certificate(), now).has_value());
    CHECK(verify_issued(by_hub, ca.root.certificate(), now).has_error());
    CHECK(verify_issued(by_root, other.certificate(), now).has_error());
    CHECK(verify_issued(by_root, ca.root.certificate(), now + 2 * leaf_life).has_error());
    CHECK(verify_issued(ca.root.certificate().to_pem(), ca.root.certificate(), now).has_error());
    CHECK(verify_issued("", ca.root.certificate(), now).has_error());
}

TEST_CASE("a request with names is a request like another", "[pki][csr]") {
    Ca ca;
    auto const csr = make_request(ca.key, "node-a", {"node-a.example", "localhost"}, {"127.0.0.1"});

    REQUIRE(csr.has_value());
    CHECK(check_request(*csr)->spki_sha256() == ca.key.spki_sha256());
    CHECK(make_request(ca.key, "a", {"x,DNS:y"}, {}).has_error());
    CHECK(make_request(ca.key, "a", {}, {"not an address"}).has_error());
}

TEST_CASE("the next CA is known by the word of the one before it, and no other is",
          "[pki][agent]") {
    Ca ca;
    auto& random = ca.random;
    auto const make = [&](char const* name) {
        return *Authority::make(name, "", KeyType::p256, now, random);
    };
    auto const first = make("Root 1"), next = make("Root 2"), other = make("Root 1");
    auto const cross = *first.vouch_for(next.certificate(), now, random);
    auto const signer = *Authority::load(cross + first.certificate().to_pem(), next.key_pem());
    auto const leaf = *signer.issue_node(ca.key, ca.who, now, random);
    auto const is_next = [&](Authority const& one, std::string const& chain,
                             Authority const& pinned, WallTime at) {
        return is_successor(one.certificate(), chain, pinned.certificate(), at);
    };

    CHECK(is_next(next, leaf, first, now));
    CHECK_FALSE(is_next(first, leaf, next, now));
    CHECK_FALSE(is_next(next, leaf, other, now));
    CHECK_FALSE(is_next(other, leaf, first, now));
    CHECK_FALSE(is_next(make("Root 2"), leaf, first, now));  // the name alone
    CHECK_FALSE(is_next(next, leaf, first, now + 2 * authority_life));
    CHECK_FALSE(is_next(next, "", first, now));
    CHECK_FALSE(is_next(next, next.certificate().to_pem(), first, now));
    CHECK_FALSE(is_next(next, cross, first, now));  // it stands behind a leaf

    // A hub has a CA certificate of Root's, too.
    auto const below = ca.issuer();
    auto const its = *below.issue_node(ca.key, ca.who, now, random);
    CHECK_FALSE(is_next(below, its, ca.root, now));
}

}  // namespace adaos::agent_leaf_test

#include "net/tls.hpp"

#include "base/problem.hpp"
#include "support/test_clock.hpp"
#include "support/tls_world.hpp"

#include <boost/asio/error.hpp>

#include <openssl/ssl.h>

#include <catch2/catch.hpp>

#include <array>

namespace adaos::tls_test {

using net::TlsContext;
using test::TlsWorld;

namespace {

pki::NodeIdentity const hub{"sn_0123abcd", "11111111-2222-4333-8444-555555555555", true};
pki::NodeIdentity const member{"sn_0123abcd", "66666666-7777-4888-9999-aaaaaaaaaaaa", false};

net::TlsTrust trust_pin(std::string pin) {
    return {std::move(pin), {}};
}
net::TlsTrust trust_anchors(std::string pem) {
    return {std::nullopt, std::move(pem)};
}

/// What the client's handshake with a server at "root.test" comes to. The server must not have read
/// a byte of the application when it fails.
Result<net::TlsAccepted> connect(net::TlsIdentity const& identity, net::TlsTrust const& trust,
                                 std::string host) {
    test::Loop loop;
    auto const server = TlsContext::make_server(identity).value();
    auto const client = TlsContext::make_client(trust).value();
    auto shaken = test::shake(loop, test::pair(), client, server, std::move(host));
    if (!shaken.first) return shaken.first.error();
    std::array<std::byte, 8> buffer{};
    auto const written = loop.run(shaken.first->stream->write_all(as_bytes("hello")));
    REQUIRE(written.has_value());
    REQUIRE(shaken.second.has_value());
    CHECK(loop.run(shaken.second->stream->read_some(buffer)).value() == 5);
    net::TlsAccepted accepted;
    accepted.peer = shaken.first->peer;
    return accepted;
}

test::Shaken link(test::Loop& loop, net::TlsIdentity const& dialler, std::string const& its_anchors,
                  net::TlsIdentity const& accepter, std::string const& accepters_anchors) {
    auto const client = TlsContext::make_link_dialler(dialler, its_anchors).value();
    auto const server = TlsContext::make_link_accepter(accepter, accepters_anchors).value();
    return test::shake(loop, test::pair(), client, server, "");
}

}  // namespace

TEST_CASE("a client trusts a server below its anchor, by name and by address", "[net][tls]") {
    TlsWorld world;
    auto const host = GENERATE(as<std::string>(), "root.test", "ROOT.test", "192.0.2.7", "::1");
    auto const identity = world.server({"root.test", "192.0.2.7", "::1"});
    CAPTURE(host);

    CHECK(connect(identity, trust_anchors(world.anchors()), host).has_value());
    CHECK(connect(identity, trust_pin(world.pin()), host).has_value());
}

TEST_CASE("a certificate for another host is not trusted", "[net][tls]") {
    TlsWorld world;
    auto const host = GENERATE(as<std::string>(), "other.test", "x.root.test", "192.0.2.8");
    auto const identity = world.server({"root.test", "192.0.2.7"});
    CAPTURE(host);

    auto const anchored = connect(identity, trust_anchors(world.anchors()), host);
    auto const pinned = connect(identity, trust_pin(world.pin()), host);

    CHECK(anchored.error().code == Problem::peer_untrusted);
    CHECK(anchored.error().context.find("mismatch (for " + host + ")") != std::string::npos);
    CHECK(pinned.error().code == Problem::peer_untrusted);
}

TEST_CASE("another CA than the pinned one is a pin mismatch that names both", "[net][tls]") {
    TlsWorld world;
    TlsWorld other(2);

    auto const result = connect(other.server({"root.test"}), trust_pin(world.pin()), "root.test");

    REQUIRE(result.has_error());
    CHECK(result.error().code == Problem::pin_mismatch);
    CHECK(result.error().context == "expected " + world.pin() + ", the server has " + other.pin() +
                                        "; the connection was ended before anything was sent");
}

TEST_CASE("a leaf is no CA, even when its own fingerprint is the pin", "[net][tls]") {
    TlsWorld world;
    auto const identity = world.server({"root.test"});
    auto const leaf = pki::Certificate::from_pem(identity.chain_pem).value();

    auto const result = connect(identity, trust_pin(leaf.fingerprint()), "root.test");

    CHECK(result.error().code == Problem::pin_mismatch);
}

TEST_CASE("showing the pinned CA does not help a leaf that it did not sign", "[net][tls]") {
    TlsWorld world;
    TlsWorld attacker(2);
    auto identity = attacker.server({"root.test"});
    identity.chain_pem += world.anchors();

    auto const result = connect(identity, trust_pin(world.pin()), "root.test");

    CHECK(result.error().code == Problem::peer_untrusted);
}

TEST_CASE("the owner of a CA below the pinned one is not the pinned one", "[net][tls]") {
    TlsWorld world;
    auto const identity = world.server_below("sn_0123abcd", {"root.test"});

    auto const pinned = connect(identity, trust_pin(world.pin()), "root.test");

    REQUIRE(pinned.has_error());
    CHECK(pinned.error().code == Problem::pin_mismatch);
    CHECK(connect(identity, trust_anchors(world.anchors()), "root.test").has_value());
    auto const issuer = pki::certificates_from_pem(identity.chain_pem).value().at(1);
    CHECK(connect(identity, trust_pin(issuer.fingerprint()), "root.test").has_value());
}

TEST_CASE("the CA that follows the pinned one, and any other that is named, is as good",
          "[net][tls]") {
    TlsWorld world;
    test::SeededRandom random;
    auto const now = TlsWorld::now();
    auto const next_key = pki::Key::make(pki::KeyType::p256).value();
    auto const next = pki::Authority::make("next CA", "", next_key, now, random).value();
    auto const cross = world.ca().vouch_for(next.certificate(), now, random).value();
    auto const signer = pki::Authority::load(cross + world.anchors(), next_key.to_pem()).value();
    auto identity = world.server({"root.test"});
    identity.chain_pem = signer
                             .issue_server(pki::Key::from_pem(identity.key_pem).value(),
                                           {"root.test"}, pki::Authority::Kind::root, now, random)
                             .value() +
                         next.chain_pem();

    CHECK(connect(identity, trust_pin(world.pin()), "root.test").has_value());
    CHECK(connect(identity, trust_pin(next.certificate().fingerprint()), "root.test").has_value());
    auto either = trust_pin("sha256:" + std::string(64, '0'));
    CHECK(connect(identity, either, "root.test").error().code == Problem::pin_mismatch);
    either.other_fingerprints = {next.certificate().fingerprint()};
    CHECK(connect(identity, either, "root.test").has_value());
    CHECK(connect(identity, trust_anchors(world.anchors()), "root.test").has_value());
    CHECK(connect(identity, trust_anchors(next.chain_pem()), "root.test").has_value());
    // A subnet issuer vouches for nobody.
    auto const issuer_key = pki::Key::make(pki::KeyType::p256).value();
    auto const issuer = pki::Authority::load(
        world.ca().issue_issuer(issuer_key, "sn_0123abcd", now, random).value(),
        issuer_key.to_pem());
    CHECK(issuer->vouch_for(next.certificate(), now, random).error().code ==
          Problem::peer_untrusted);
}

TEST_CASE("certificates are judged by the clock that a context was given", "[net][tls]") {
    TlsWorld world;
    test::TestClock clock(TlsWorld::now());
    auto const server = TlsContext::make_server(world.server({"root.test"})).value();
    auto client = TlsContext::make_client(trust_anchors(world.anchors())).value();
    client.judge_by(clock);
    test::Loop loop;
    CHECK(test::shake(loop, test::pair(), client, server, "root.test").first.has_value());

    clock.advance(std::chrono::hours(31 * 24));

    auto const late = test::shake(loop, test::pair(), client, server, "root.test");
    REQUIRE(late.first.has_error());
    CHECK(late.first.error().context.find("expired") != std::string::npos);
}

TEST_CASE("certificates outside their time are not trusted", "[net][tls]") {
    TlsWorld world;
    auto const shift = GENERATE(-40 * 24, 40 * 24);
    auto const identity =
        world.server_at({"root.test"}, TlsWorld::now() + std::chrono::hours(shift));
    CAPTURE(shift);

    CHECK(connect(identity, trust_pin(world.pin()), "root.test").error().code ==
          Problem::peer_untrusted);
    CHECK(connect(identity, trust_anchors(world.anchors()), "root.test").error().code ==
          Problem::peer_untrusted);
}

TEST_CASE("without pin and anchors only the system's CAs count", "[net][tls]") {
    TlsWorld world;

    auto const result = connect(world.server({"root.test"}), net::TlsTrust{}, "root.test");

    CHECK(result.error().code == Problem::peer_untrusted);
}

TEST_CASE("a client with no host to verify connects to nobody", "[net][tls]") {
    TlsWorld world;

    auto const result = connect(world.server({"root.test"}), trust_anchors(world.anchors()), "");

    CHECK(result.has_error());
}

TEST_CASE("a malformed pin, anchors or identity make no context", "[net][tls]") {
    TlsWorld world;
    auto const mine = world.server({"root.test"});
    net::TlsIdentity const mixed{mine.chain_pem, world.server({"root.test"}).key_pem};

    CHECK(TlsContext::make_client(trust_pin("sha256:12")).error().code == Problem::invalid_field);
    CHECK(TlsContext::make_client(trust_anchors("nonsense")).has_error());
    CHECK(TlsContext::make_server({"nonsense", mine.key_pem}).has_error());
    CHECK(TlsContext::make_server({mine.chain_pem, Secret("nonsense")}).has_error());
    CHECK(TlsContext::make_server(mixed).error().code == Problem::state_damaged);
    CHECK(TlsContext::make_link_dialler(mine, "").has_error());
}

TEST_CASE("both ends of a link learn who the other is", "[net][tls]") {
    TlsWorld world;
    test::Loop loop;
    auto const dialler = GENERATE_REF(false, true);
    auto const mine = dialler ? world.node_below_issuer(member) : world.node(member);

    auto const [connected, accepted] =
        link(loop, mine, world.anchors(), world.node(hub), world.anchors());

    REQUIRE(connected.has_value());
    REQUIRE(accepted.has_value());
    CHECK(connected->peer->node().value() == hub);
    CHECK(accepted->peer->node().value() == member);
}

TEST_CASE("a dialler of another CA is refused before it can say anything", "[net][tls]") {
    TlsWorld world;
    TlsWorld other(2);
    test::Loop loop;
    std::array<std::byte, 8> buffer{};

    auto [connected, accepted] =
        link(loop, other.node(member), world.anchors(), world.node(hub), world.anchors());

    REQUIRE(accepted.has_error());
    CHECK(accepted.error().code == Problem::peer_untrusted);
    // TLS 1.3: the dialler is done first, and learns of the refusal with its first read.
    REQUIRE(connected.has_value());
    CHECK(loop.run(connected->stream->read_some(buffer)).error().code == Problem::peer_untrusted);
}

TEST_CASE("an accepter of another CA is not trusted", "[net][tls]") {
    TlsWorld world;
    TlsWorld other(2);
    test::Loop loop;

    auto const [connected, accepted] =
        link(loop, world.node(member), world.anchors(), other.node(hub), world.anchors());

    CHECK(connected.error().code == Problem::peer_untrusted);
    CHECK(accepted.error().code == Problem::peer_untrusted);
    CHECK(accepted.error().context.find("refused our certificate") != std::string::npos);
}

TEST_CASE("a member's certificate does not make a hub: it may not accept links", "[net][tls]") {
    TlsWorld world;
    test::Loop loop;

    auto const [connected, accepted] =
        link(loop, world.node(hub), world.anchors(), world.node(member), world.anchors());

    CHECK(connected.error().code == Problem::peer_untrusted);
}

TEST_CASE("a link accepter talks to nobody without certificate or protocol", "[net][tls]") {
    TlsWorld world;
    test::Loop loop;
    auto const accepter =
        TlsContext::make_link_accepter(world.server({"root.test"}), world.anchors()).value();
    auto const browser = TlsContext::make_client(trust_anchors(world.anchors())).value();
    auto const no_alpn = TlsContext::make_client(trust_anchors(world.anchors())).value();
    SSL_CTX_set_alpn_protos(no_alpn.native(), nullptr, 0);

    auto const other_protocol = test::shake(loop, test::pair(), browser, accepter, "root.test");
    auto const no_certificate = test::shake(loop, test::pair(), no_alpn, accepter, "root.test");

    CHECK(other_protocol.second.error().code == Problem::bad_answer);
    CHECK(other_protocol.first.error().code == Problem::bad_answer);
    CHECK(no_certificate.second.error().code == Problem::peer_untrusted);
}

TEST_CASE("a link dialler does not talk to a web server", "[net][tls]") {
    TlsWorld world;
    test::Loop loop;
    auto const dialler = TlsContext::make_link_dialler(world.node(member), world.anchors()).value();
    auto const web = TlsContext::make_server(world.server({"root.test"})).value();

    auto const shaken = test::shake(loop, test::pair(), dialler, web, "");

    CHECK(shaken.first.error().code == Problem::bad_answer);
}

TEST_CASE("links speak TLS 1.3 only, servers 1.2 as well, nobody older", "[net][tls]") {
    TlsWorld world;
    test::Loop loop;
    auto const version = GENERATE(TLS1_1_VERSION, TLS1_2_VERSION);
    auto const dialler = TlsContext::make_link_dialler(world.node(member), world.anchors()).value();
    auto const client = TlsContext::make_client(trust_anchors(world.anchors())).value();
    for (auto const* context : {&dialler, &client}) {
        SSL_CTX_set_min_proto_version(context->native(), version);
        SSL_CTX_set_max_proto_version(context->native(), version);
    }
    auto const accepter = TlsContext::make_link_accepter(world.node(hub), world.anchors()).value();
    auto const server = TlsContext::make_server(world.server({"root.test"})).value();

    CHECK(test::shake(loop, test::pair(), dialler, accepter, "").second.has_error());
    CHECK(test::shake(loop, test::pair(), client, server, "root.test").second.has_value() ==
          (version == TLS1_2_VERSION));
}

TEST_CASE("what is no TLS at all is a bad answer, and the stream is closed", "[net][tls]") {
    TlsWorld world;
    auto const client = TlsContext::make_client(trust_anchors(world.anchors())).value();
    auto below = std::make_unique<test::MemStream>(
        std::deque<std::string>{"HTTP/1.1 400 Bad Request\r\n\r\n"});
    auto const record = below->record();

    auto const result = test::run(net::tls_connect(client, std::move(below), "root.test"));

    REQUIRE(result.has_error());
    CHECK(result.error().code == Problem::bad_answer);
    CHECK(record->closed);
}

TEST_CASE("a peer that leaves during the handshake is an error", "[net][tls]") {
    TlsWorld world;
    auto const server = TlsContext::make_server(world.server({"root.test"})).value();

    auto const result = test::run(net::tls_accept(
        server, std::make_unique<test::MemStream>(std::deque<std::string>{"\x16\x03\x01"})));

    REQUIRE(result.has_error());
    CHECK(result.error().code == boost::asio::error::connection_reset);
}

}  // namespace adaos::tls_test

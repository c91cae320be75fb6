// Certificates of a running subnet are renewed at half their life, and nobody notices.
#include "pki/certificate.hpp"
#include "store/atomic_file.hpp"
#include "support/mesh.hpp"
#include "support/mesh_visitor.hpp"

#include <catch2/catch.hpp>

#include <filesystem>

namespace adaos::renewal_test {

using namespace adaos::test;

namespace {

constexpr auto day = 24h;
/// Past the half and the most of the jitter.
constexpr auto half_life = 17 * day;
/// The certificates are looked at each minute.
constexpr auto look = 90s;

/// At most so many handlers of what can run now; how many there were.
int run_handlers(Mesh& mesh, int most) {
    auto& context = mesh.loop.context();
    context.restart();
    int ran = 0;
    while (ran < most && context.poll_one() > 0) ++ran;
    return ran;
}

pki::Certificate leaf_at(std::filesystem::path const& path) {
    return pki::Certificate::from_pem(store::read_file(path).value().value()).value();
}

struct RenewalWorld {
    RenewalWorld() : hub(mesh.add_hub("alpha.test")), node(mesh.add_member("beta.test", hub)) {
        token = mesh.make_token(hub, "view", "365d");
    }
    [[nodiscard]] std::string below() const {
        return "/hubs/" + hub.subnet_id + "/nodes/" + node.id;
    }
    [[nodiscard]] unsigned ping() {
        auto const reply = mesh.visit({.path = below() + "/api/ping"});
        return reply ? reply->head.status : 0;
    }
    [[nodiscard]] pki::Certificate member_leaf() const { return leaf_at(node.dir.member_cert()); }
    [[nodiscard]] pki::Certificate hub_leaf() const { return leaf_at(hub.dir.hub_cert()); }

    Mesh mesh;
    MeshNode& hub;
    MeshNode& node;
    std::string token;
};

}  // namespace

TEST_CASE("at half their life the certificates of hub and member are renewed, with their keys",
          "[member][renewal]") {
    RenewalWorld w;
    auto const member = w.member_leaf();
    auto const hub = w.hub_leaf();
    w.mesh.jump(14 * day);
    w.mesh.pass(look);
    CHECK(w.member_leaf().fingerprint() == member.fingerprint());
    CHECK(w.hub_leaf().fingerprint() == hub.fingerprint());

    w.mesh.jump(3 * day);
    w.mesh.pass(look);

    auto const now = w.mesh.clock.wall();
    CHECK(w.member_leaf().fingerprint() != member.fingerprint());
    CHECK(w.member_leaf().spki_sha256() == member.spki_sha256());
    CHECK(w.member_leaf().node() == member.node());
    CHECK(w.member_leaf().not_after() > now + 29 * day);
    CHECK(w.hub_leaf().fingerprint() != hub.fingerprint());
    CHECK(w.hub_leaf().spki_sha256() == hub.spki_sha256());
    CHECK(w.hub_leaf().not_after() > now + 29 * day);
    CHECK(std::stoi(w.mesh.status(w.node, "link.connects")) >= 2);
    CHECK(w.mesh.status(w.hub, "link.connects") == "2");
    CHECK(w.node.log.has("certificate renewed"));
    CHECK(w.ping() == 200);
}

TEST_CASE("a subnet goes on for a year of renewals", "[member][renewal]") {
    RenewalWorld w;
    for (int i = 0; i < 24; ++i) {
        CAPTURE(i);
        w.mesh.jump(half_life);
        w.mesh.pass(look);
        REQUIRE(w.mesh.is_linked(w.hub));
        REQUIRE(w.mesh.is_linked(w.node));
        REQUIRE(w.ping() == 200);
    }
    // Whoever comes anew is shown certificates that are valid.
    w.mesh.network.cut("alpha.test");
    CHECK(w.mesh.linked(w.hub));
    CHECK(w.mesh.linked(w.node));
    CHECK(w.ping() == 200);
}

TEST_CASE("no request fails while links are renewed", "[member][renewal]") {
    RenewalWorld w;
    w.mesh.jump(half_life);
    int failed = 0;
    int asked = 0;
    auto const end = w.mesh.timers.now() + 3min;
    while (w.mesh.timers.now() < end) {
        ++asked;
        if (w.ping() != 200) ++failed;
        w.mesh.pass(100ms);
    }
    CHECK(asked > 1000);
    CHECK(failed == 0);
    auto const connects = w.mesh.status(w.node, "link.connects");
    CHECK(std::stoi(connects) >= 2);
    CHECK(w.mesh.status(w.hub, "link.connects") == "2");

    // Nor when the certificates end with which the old links were made.
    w.mesh.jump(14 * day);
    for (int i = 0; i < 100; ++i) {
        if (w.ping() != 200) ++failed;
        w.mesh.pass(100ms);
    }
    CHECK(failed == 0);
    CHECK(w.mesh.status(w.node, "link.connects") == connects);
}

TEST_CASE("a transfer that is under way while links are renewed comes to its end",
          "[member][renewal]") {
    RenewalWorld w;
    constexpr std::uint64_t size = 4 * 1024 * 1024;
    w.mesh.jump(half_life);
    Visitor visitor(w.mesh);
    Ask const ask{.path = w.below() + "/api/probe/download?bytes=" + std::to_string(size),
                  .token = w.token};
    net::Framing const none;
    w.mesh.run(visitor.client->send_head(head_of(ask), none)).value();
    w.mesh.run(visitor.client->finish(net::Fields())).value();
    auto const head = w.mesh.run(visitor.client->read_head()).value();
    REQUIRE(head.status == 200);

    // Slowly, so that most of it is still at the member when all three have new links.
    std::vector<std::byte> buffer(16 * 1024);
    std::uint64_t got = 0;
    bool exact = true;
    for (;;) {
        auto const n = w.mesh.run(visitor.client->body().read_some(buffer)).value();
        if (n == 0) break;
        for (std::size_t i = 0; i < n; ++i)
            exact = exact && buffer[i] == static_cast<std::byte>((got + i) % 251);
        got += n;
        if (got < size / 2) w.mesh.pass(1s);
    }

    CHECK(got == size);
    CHECK(exact);
    CHECK(std::stoi(w.mesh.status(w.node, "link.connects")) >= 2);
    CHECK(w.mesh.status(w.hub, "link.connects") == "2");
}

TEST_CASE("a renewal that finds no upstream is tried until there is one", "[member][renewal]") {
    RenewalWorld w;
    auto const before = w.member_leaf().fingerprint();
    w.mesh.network.unplug("beta.test");
    w.mesh.jump(half_life);
    w.mesh.pass(10min);
    CHECK(w.member_leaf().fingerprint() == before);

    w.mesh.network.plug("beta.test");
    CHECK(w.mesh.until([&] { return w.member_leaf().fingerprint() != before; }, 10min));
    CHECK(w.mesh.linked(w.node));
}

TEST_CASE("a node that starts past half the life of its certificate renews it at once",
          "[member][renewal]") {
    RenewalWorld w;
    auto const before = w.member_leaf().fingerprint();
    w.mesh.stop(w.node);
    w.mesh.jump(20 * day);

    w.mesh.start(w.node);

    REQUIRE(w.mesh.linked(w.node));
    CHECK(w.mesh.until([&] { return w.member_leaf().fingerprint() != before; }, 10s));
}

TEST_CASE("a renewal that breaks at any point leaves a link, and is done in the end",
          "[member][renewal]") {
    RenewalWorld w;
    for (int turns = 100; turns < 3000; turns += 100) {
        auto const* const host = turns % 200 == 0 ? "beta.test" : "alpha.test";
        CAPTURE(turns, host);
        auto const before = w.member_leaf().fingerprint();
        w.mesh.jump(half_life);
        auto const end = w.mesh.timers.now() + 2min;
        while (w.mesh.timers.fire_next_until(end)) {
            if (run_handlers(w.mesh, turns) == turns) break;  // more than pings take
        }
        w.mesh.network.cut(host);
        CHECK(w.mesh.until([&] { return w.member_leaf().fingerprint() != before; }, 10min));
        CHECK(w.mesh.linked(w.node));
        CHECK(w.ping() == 200);
    }
}

TEST_CASE("a node whose certificate ended while it was off recovers with its key",
          "[member][renewal]") {
    RenewalWorld w;
    auto const member = w.member_leaf();
    auto const hub = w.hub_leaf();
    w.mesh.stop(w.node);
    bool const hub_too = GENERATE(false, true);
    CAPTURE(hub_too);
    if (hub_too) w.mesh.stop(w.hub);
    for (int i = 0; i < 5; ++i) {  // the others live on
        w.mesh.jump(half_life);
        w.mesh.pass(look);
    }
    if (hub_too) {
        w.mesh.start(w.hub);
        REQUIRE(w.mesh.linked(w.hub));
        CHECK(w.hub_leaf().fingerprint() != hub.fingerprint());
        CHECK(w.hub_leaf().spki_sha256() == hub.spki_sha256());
        CHECK(w.hub.log.has("certificate recovered"));
    }

    w.mesh.start(w.node);

    REQUIRE(w.mesh.linked(w.node));
    CHECK(w.member_leaf().spki_sha256() == member.spki_sha256());
    CHECK(w.member_leaf().not_after() > w.mesh.clock.wall());
    CHECK(w.node.log.has("certificate recovered"));
    CHECK(w.ping() == 200);
}

TEST_CASE("after the budget a node is told to join again", "[member][renewal]") {
    RenewalWorld w;
    w.mesh.stop(w.node);
    for (int i = 0; i < 8; ++i) {
        w.mesh.jump(half_life);
        w.mesh.pass(look);
    }

    w.mesh.start(w.node);
    w.mesh.pass(1min);

    CHECK_FALSE(w.mesh.is_linked(w.node));
    CHECK(w.mesh.status(w.node, "link.last_error_id") == "ADAOS-T006");
    // It does: the same machine, with a fresh code.
    w.mesh.stop(w.node);
    REQUIRE(w.mesh.join(w.node, w.mesh.make_code(w.hub, "local"), w.hub.url()).has_value());
    w.mesh.start(w.node);
    CHECK(w.mesh.linked(w.node));
}

TEST_CASE("a removed node does not recover", "[member][renewal]") {
    RenewalWorld w;
    w.mesh.stop(w.node);
    w.mesh.remove_from(w.hub, w.node.id);
    for (int i = 0; i < 3; ++i) {
        w.mesh.jump(half_life);
        w.mesh.pass(look);
    }

    w.mesh.start(w.node);
    w.mesh.pass(1min);

    CHECK_FALSE(w.mesh.is_linked(w.node));
    CHECK(w.mesh.status(w.node, "link.last_error_id") == "ADAOS-T005");
}

}  // namespace adaos::renewal_test

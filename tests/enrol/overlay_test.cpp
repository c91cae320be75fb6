#include "enrol/overlay.hpp"

#include "enrol/world.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <set>
#include <thread>

namespace adaos::overlay_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

OverlayNet net_of(char const* text) {
    return OverlayNet::parse(text).value();
}

std::string wg_key(int number) {
    return to_base64(Bytes(32, static_cast<std::byte>(number)));
}

/// A host's invite with `address` reserved; empty: none.
Result<Minted> mint_host(Grants& grants, store::Database& db, OverlayNet net, Clock const& clock,
                         std::string address) {
    MintOrder order;
    order.kind = Kind::host;
    order.subnet_id = subnet_a;
    order.created_by = "test";
    if (!address.empty()) {
        order.along = [&db, net, &clock, address](store::Database&,
                                                  Minted const& minted) -> Result<void> {
            auto const got = Overlay(db, net, clock).reserve({subnet_a, minted.id, ""}, address);
            if (got.has_error()) return got.error();
            return {};
        };
    }
    return grants.mint(order);
}

RedeemOrder host_order(Secret const& token, Machine const& machine, OverlayNet net,
                       Clock const& clock, std::string key) {
    RedeemOrder order;
    order.kind = Kind::host;
    order.secret = token;
    order.node_id = machine.node_id;
    order.hostname = "garage";
    order.arch = "amd64";
    order.csr_pem = machine.csr_pem;
    order.source = "192.0.2.9";
    order.along = [net, &clock, key](store::Database& db, Redeemed const& done) -> Result<void> {
        auto const got = Overlay(db, net, clock)
                             .settle({done.node.subnet_id, done.grant_id, done.node.node_id}, key);
        if (got.has_error()) return got.error();
        return {};
    };
    return order;
}

struct HostWorld : World {
    OverlayNet net = net_of("10.77.0.0/29");
    Overlay overlay{db, net, clock};

    Minted invite(std::string address = {}) {
        auto minted = mint_host(grants, db, net, clock, std::move(address));
        REQUIRE(minted.has_value());
        return *minted;
    }
    Result<Redeemed> enter(Minted const& minted, Machine const& machine, std::string key = {}) {
        return redeem(host_order(minted.secret, machine, net, clock, std::move(key)));
    }
};

}  // namespace

TEST_CASE("an IPv4 address has one text", "[enrol][overlay]") {
    CHECK(parse_ipv4("10.77.0.42") == 0x0a4d002aU);
    CHECK(ipv4_text(0x0a4d002aU) == "10.77.0.42");
    CHECK(ipv4_text(0xffffffffU) == "255.255.255.255");
    for (auto const* const text : {"", "10.77.0", "10.77.0.42.1", "10.77.0.042", "10.77.0.256",
                                   "10.77..1", " 10.77.0.1", "10.77.0.1 ", "a.b.c.d", "1.2.3.-4"})
        CHECK_FALSE(parse_ipv4(text));
}

TEST_CASE("a network gives neither its own end nor its first and last address",
          "[enrol][overlay]") {
    auto const net = net_of("10.77.0.0/29");

    CHECK_FALSE(net.may_give(*parse_ipv4("10.77.0.0")));
    CHECK_FALSE(net.may_give(*parse_ipv4("10.77.0.1")));
    CHECK(net.may_give(*parse_ipv4("10.77.0.2")));
    CHECK(net.may_give(*parse_ipv4("10.77.0.6")));
    CHECK_FALSE(net.may_give(*parse_ipv4("10.77.0.7")));
    for (auto const* const text :
         {"10.77.0.0", "10.77.0.1/29", "10.77.0.0/7", "10.77.0.0/31", "10.77.0.0/x", "/24"})
        CHECK(OverlayNet::parse(text).has_error());
}

TEST_CASE("every host gets an address of its own until none is left", "[enrol][overlay]") {
    HostWorld world;
    std::set<std::string> given;
    for (int i = 0; i < 5; ++i) {
        Machine const machine(world.random);
        auto const done = world.enter(world.invite(), machine, wg_key(i));
        REQUIRE(done.has_value());
        auto const peer = world.overlay.find(machine.node_id).value();
        REQUIRE(peer.has_value());
        given.insert(peer->overlay_address);
    }
    CHECK(given.size() == 5);
    CHECK(world.overlay.peers()->size() == 5);

    Machine const late(world.random);
    auto const invite = world.invite();
    auto const facts = world.facts();
    auto const full = world.enter(invite, late);

    check_refused(world, full, Problem::invalid_field, facts, invite.secret);
}

TEST_CASE("an address that an invite reserved is its host's and nobody else's",
          "[enrol][overlay]") {
    HostWorld world;
    auto const invite = world.invite("10.77.0.5");
    CHECK(mint_host(world.grants, world.db, world.net, world.clock, "10.77.0.5").has_error());
    CHECK(world.number("SELECT count(*) FROM grants") == 1);  // the refused mint left nothing
    Machine const machine(world.random);

    REQUIRE(world.enter(invite, machine, wg_key(1)).has_value());

    CHECK(world.overlay.find(machine.node_id).value()->overlay_address == "10.77.0.5");
}

TEST_CASE("a dead invite and a removed node give their addresses back", "[enrol][overlay]") {
    HostWorld world;
    auto const revoked = world.invite("10.77.0.2");
    REQUIRE(world.grants.revoke(revoked.id, "test").has_value());
    auto const expired = world.invite("10.77.0.3");
    world.clock.set_wall(expired.expires_at);
    Machine const machine(world.random);
    REQUIRE(world.enter(world.invite("10.77.0.2"), machine, wg_key(1)).has_value());
    CHECK(world.invite("10.77.0.3").id != expired.id);
    REQUIRE(registry::Nodes(world.db).remove(machine.node_id, world.clock.wall()).has_value());

    CHECK(world.overlay.peers()->empty());
    CHECK(world.invite("10.77.0.2").id != revoked.id);
}

TEST_CASE("a key that another host has is refused and nothing is spent", "[enrol][overlay]") {
    HostWorld world;
    Machine const first(world.random), second(world.random);
    REQUIRE(world.enter(world.invite(), first, wg_key(1)).has_value());
    auto const invite = world.invite();
    auto const facts = world.facts();

    auto const stolen = world.enter(invite, second, wg_key(1));

    check_refused(world, stolen, Problem::invalid_field, facts, invite.secret);
    CHECK_FALSE(world.overlay.find(second.node_id)->has_value());
    CHECK(world.enter(invite, second, wg_key(2)).has_value());
}

TEST_CASE("a host that comes again moves to the address of its new invite", "[enrol][overlay]") {
    HostWorld world;
    Machine const machine(world.random);
    REQUIRE(world.enter(world.invite("10.77.0.2"), machine, wg_key(1)).has_value());

    REQUIRE(world.enter(world.invite("10.77.0.4"), machine).has_value());
    CHECK(world.overlay.find(machine.node_id).value()->overlay_address == "10.77.0.4");
    REQUIRE(world.enter(world.invite(), machine).has_value());

    auto const peer = world.overlay.find(machine.node_id).value();
    CHECK(peer->overlay_address == "10.77.0.4");
    CHECK(peer->wg_public_key == wg_key(1));
    CHECK(world.number("SELECT count(*) FROM peers") == 1);
}

TEST_CASE("hosts that come at once through several connections share no address",
          "[enrol][overlay][race]") {
    adaos::test::TempDir folder;
    HostWorld world;
    auto const path = folder.path() / "race.db";
    auto db = open_store(path);
    auto const net = net_of("10.77.0.0/24");
    SeededRandom random{3};
    auto const mac_key = test_mac_key();
    Grants minter(db, mac_key, world.clock, random, {2, 1, 1});
    constexpr int hosts = 16;
    std::vector<Minted> invites;
    std::vector<Machine> machines;
    for (int i = 0; i < hosts; ++i) {
        invites.push_back(
            mint_host(minter, db, net, world.clock, i % 2 == 0 ? "auto" : "").value());
        machines.emplace_back(random);
    }
    std::atomic<int> admitted{0};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < hosts; ++i) {
        threads.emplace_back([&, i] {
            auto own = store::Database::open(path);
            if (own.has_error()) return;
            SeededRandom draw(static_cast<unsigned>(100 + i));
            Grants grants(*own, mac_key, world.clock, draw, {2, 1, 1});
            Sign const sign = [](pki::Key const&, registry::Node const&) -> Result<std::string> {
                return std::string("certificate");
            };
            auto const key = wg_key(static_cast<int>(i) + 1);
            auto const done = grants.redeem(
                host_order(invites[i].secret, machines[i], net, world.clock, key), sign);
            if (done.has_value()) ++admitted;
        });
    }
    for (auto& thread : threads) thread.join();

    CHECK(admitted == hosts);
    std::set<std::string> given;
    for (auto const& peer : *Overlay(db, net, world.clock).peers())
        given.insert(peer.overlay_address);
    CHECK(given.size() == hosts);
}

}  // namespace adaos::overlay_test

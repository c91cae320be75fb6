#pragma once
/// An authority's store in a test: database, clock, randomness, keys, a signer that counts.

#include "base/problem.hpp"
#include "enrol/audit.hpp"
#include "enrol/grants.hpp"
#include "pki/request.hpp"
#include "support/seeded_random.hpp"
#include "support/test_clock.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

namespace adaos::enrol::test {

using adaos::test::SeededRandom;
using adaos::test::TestClock;
using namespace std::chrono_literals;

inline constexpr char const* subnet_a = "sn_0000000a";
inline constexpr char const* hub_id = "0190f7a0-0000-4000-8000-00000000000a";
inline constexpr char const* subnet_b = "sn_0000000b";

/// A machine that wants in: id, key and the request it makes with them.
struct Machine {
    std::string node_id;
    pki::Key key;
    std::string csr_pem;

    explicit Machine(Random& random)
        : node_id(random.uuid()),
          key(pki::Key::make(pki::KeyType::p256).value()),
          csr_pem(pki::make_request(key, node_id).value()) {}
    [[nodiscard]] std::string spki() const { return to_hex(key.spki_sha256()); }
};

inline store::Database open_store(std::filesystem::path const& path = ":memory:") {
    auto db = store::Database::open(path);
    REQUIRE(db.has_value());
    REQUIRE(db->migrate(registry::schema()).has_value());
    return std::move(*db);
}

inline Bytes test_mac_key() {
    return Bytes(32, std::byte{0x42});
}

struct World {
    TestClock clock;
    SeededRandom random{7};
    store::Database db;
    Bytes mac_key = test_mac_key();
    Grants grants{db, mac_key, clock, random, {2, 1, 1}};  // a cheap scrypt
    int signed_count = 0;
    Sign sign = [this](pki::Key const&, registry::Node const& node) -> Result<std::string> {
        ++signed_count;
        return "certificate " + std::to_string(signed_count) + " of " + node.node_id;
    };

    explicit World(std::filesystem::path const& path = ":memory:") : db(open_store(path)) {}

    Minted mint(std::chrono::seconds ttl = 15min, int length = 8) {
        MintOrder order;
        order.subnet_id = subnet_a;
        order.ttl = ttl;
        order.length = length;
        order.created_by = "test";
        auto minted = grants.mint(order);
        REQUIRE(minted.has_value());
        return *minted;
    }
    /// The claims that the use got to see.
    Result<std::string> redeem_hub(Secret const& token, std::string_view spki,
                                   std::string_view source) {
        std::string seen;
        auto const done = grants.redeem_hub(token, spki, source, [&](std::string_view claims) {
            seen = claims;
            return Result<std::string>(hub_id);
        });
        if (done.has_error()) return done.error();
        return seen;
    }
    Minted mint_hub(std::string bind = {}) {
        MintOrder order;
        order.kind = Kind::hub;
        order.key = std::move(bind);
        order.claims_json = R"({"subnet_id":"sn_0000000a"})";
        order.created_by = "root-token";
        auto minted = grants.mint(order);
        REQUIRE(minted.has_value());
        return *minted;
    }
    static RedeemOrder order(Secret const& code, Machine const& machine,
                             std::string attempt_id = "attempt-1") {
        RedeemOrder o;
        o.secret = code;
        o.node_id = machine.node_id;
        o.hostname = "edge-box";
        o.csr_pem = machine.csr_pem;
        o.attempt_id = std::move(attempt_id);
        o.source = "192.0.2.7";
        return o;
    }
    Result<Redeemed> redeem(RedeemOrder o) { return grants.redeem(std::move(o), sign); }

    std::int64_t number(std::string_view sql) {
        auto row = db.prepare(sql);
        REQUIRE(row.step().value());
        return row.integer(0);
    }
    /// Everything but the audit trail, in one number that changes with any row.
    std::string facts() {
        std::string all;
        for (auto const* sql :
             {"SELECT count(*) FROM nodes", "SELECT count(*) FROM redemptions",
              "SELECT coalesce(sum(uses), 0) FROM grants", "SELECT count(*) FROM grants"})
            all += std::to_string(number(sql)) + " ";
        return all;
    }
    AuditRow last_event() {
        AuditFilter newest;
        newest.limit = 1;
        auto const rows = read_audit(db, newest);
        REQUIRE(rows.has_value());
        REQUIRE(rows->size() == 1);
        return rows->front();
    }
};

/// The refusal was `why`, nothing changed, and one row says so without the code.
inline void check_refused(World& world, Result<Redeemed> const& result, Problem why,
                          std::string const& facts_before, Secret const& code) {
    REQUIRE(result.has_error());
    CHECK(result.error().code == why);
    CHECK(world.facts() == facts_before);
    auto const event = world.last_event();
    CHECK(event.event == "rejected");
    CHECK(event.detail == describe(result.error().code).slug);
    auto const text = event.actor + event.grant_id + event.node_id + event.detail;
    CHECK((code.empty() || text.find(code.reveal()) == std::string::npos));
    CHECK(verify_audit(world.db).has_value());
}

}  // namespace adaos::enrol::test

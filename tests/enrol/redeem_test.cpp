#include "enrol/world.hpp"

namespace adaos::redeem_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

// openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=x -addext ...
// basicConstraints=critical,CA:TRUE
constexpr char const* ca_request = R"(-----BEGIN CERTIFICATE REQUEST-----
MIHqMIGQAgEAMAwxCjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AASmPfJjuegg3TihJq8NDyPKMvACOMnRt56r+wBtRyITscRvEMChtCGt5H+Yc24o
IoxcTmFFsc4Yu/hwghfTBqEkoCIwIAYJKoZIhvcNAQkOMRMwETAPBgNVHRMBAf8E
BTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDm1s6sTRZSQBWwWtKdXPtGru4FNhL/
haJ8hN6Lfl5fiQIhAMO5zWIR/taXpJRBMY94RzenmWR78pOKWC70rqPHsL/O
-----END CERTIFICATE REQUEST-----
)";
// keyUsage=keyCertSign
constexpr char const* signer_request = R"(-----BEGIN CERTIFICATE REQUEST-----
MIHmMIGMAgEAMAwxCjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AARBU8UZiv/4pngpPbQ66wYC/KJuVP47VSaK1xk+5QAOEBJFGPzvmNbY0Cp1G0R3
gZ/YapNTKt8mPq8MDjQkV5pkoB4wHAYJKoZIhvcNAQkOMQ8wDTALBgNVHQ8EBAMC
AgQwCgYIKoZIzj0EAwIDSQAwRgIhAPN0ipXTxgsLxuW8EISWASdm6ANVht15MJ1s
kWihHh9xAiEA5v+CQsWC0R6bBdyjK44uqQ1mpJxfW0iN9PmGjSZMlqk=
-----END CERTIFICATE REQUEST-----
)";

}  // namespace

TEST_CASE("a live code lets one machine in: node, certificate, use and audit", "[enrol][redeem]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();

    auto const done = world.redeem(World::order(minted.secret, machine));

    REQUIRE(done.has_value());
    CHECK(done->grant_id == minted.id);
    CHECK(done->certificate_pem == "certificate 1 of " + machine.node_id);
    CHECK_FALSE(done->replayed);
    CHECK(done->code_created_at == minted.created_at);
    CHECK(done->code_expires_at == minted.expires_at);
    CHECK(done->node.node_id == machine.node_id);
    CHECK(done->node.subnet_id == subnet_a);
    CHECK(done->node.role == "member");
    CHECK(done->node.name == "edge-box");
    CHECK(done->node.spki_sha256 == machine.spki());
    CHECK(done->node.issued_by == "root");
    CHECK(world.facts() == "1 1 1 1 ");
    auto const event = world.last_event();
    CHECK(event.event == "redeemed");
    CHECK(event.actor == "192.0.2.7");
    CHECK(event.grant_id == minted.id);
    CHECK(event.node_id == machine.node_id);
}

TEST_CASE("case, dashes and blanks do not matter in a typed code", "[enrol][redeem]") {
    for (int form = 0; form < 4; ++form) {
        CAPTURE(form);
        World world;
        Machine const machine(world.random);
        auto const minted = world.mint(15min, 10);
        auto const lower = to_lower(minted.display);
        std::vector<std::string> const typed{lower, "  " + lower + "\n", minted.secret.reveal(),
                                             minted.display.substr(0, 2) + " " + lower.substr(2)};

        auto const done =
            world.redeem(World::order(Secret(typed[static_cast<std::size_t>(form)]), machine));

        REQUIRE(done.has_value());
        CHECK(done->grant_id == minted.id);
    }
}

TEST_CASE("a code is good until the millisecond before it expires", "[enrol][redeem]") {
    auto const ttl = GENERATE(std::chrono::seconds(1min), std::chrono::seconds(60min));
    auto const late = GENERATE(-1ms, 0ms, 1ms);
    CAPTURE(ttl.count(), late.count());
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint(ttl);
    auto const facts = world.facts();
    world.clock.advance(ttl + late);

    auto const done = world.redeem(World::order(minted.secret, machine));

    if (late < 0ms) {
        CHECK(done.has_value());
    } else {
        check_refused(world, done, Problem::code_expired, facts, minted.secret);
        CHECK(world.last_event().grant_id == minted.id);
    }
}

TEST_CASE("a clock that went back more than a minute does not revive a code", "[enrol][redeem]") {
    auto const back = GENERATE(60'000ms, 60'001ms);
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    auto const facts = world.facts();
    world.clock.set_wall(minted.created_at - back);

    auto const done = world.redeem(World::order(minted.secret, machine));

    if (back == 60'000ms)
        CHECK(done.has_value());
    else
        check_refused(world, done, Problem::code_expired, facts, minted.secret);
}

TEST_CASE("an unknown code is unknown, and its audit row names no grant", "[enrol][redeem]") {
    World world;
    Machine const machine(world.random);
    (void)world.mint();
    auto const facts = world.facts();
    Secret const guess("ABCDEFGH");

    auto const done = world.redeem(World::order(guess, machine));

    check_refused(world, done, Problem::code_unknown, facts, guess);
    CHECK(world.last_event().grant_id.empty());
    CHECK(world.last_event().actor == "192.0.2.7");
    CHECK(world.signed_count == 0);
}

TEST_CASE("at a hub, a code of another subnet is unknown", "[enrol][redeem]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    auto const facts = world.facts();
    auto order = World::order(minted.secret, machine);

    order.subnet_id = subnet_b;
    check_refused(world, world.redeem(order), Problem::code_unknown, facts, minted.secret);
    CHECK(world.last_event().grant_id.empty());

    order.subnet_id = subnet_a;
    auto const done = world.redeem(order);
    REQUIRE(done.has_value());
    CHECK(done->node.issued_by == "hub");
}

TEST_CASE("whoever has a revoked code learns that it was revoked", "[enrol][redeem]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    REQUIRE(world.grants.revoke(minted.id, "owner").has_value());
    auto const facts = world.facts();

    auto const done = world.redeem(World::order(minted.secret, machine));

    check_refused(world, done, Problem::grant_revoked, facts, minted.secret);
}

TEST_CASE("a used code is used, before and after it would have expired", "[enrol][redeem]") {
    auto const later = GENERATE(0min, 15min, 600min);
    World world;
    Machine const first(world.random);
    Machine const second(world.random);
    auto const minted = world.mint(15min);
    REQUIRE(world.redeem(World::order(minted.secret, first)).has_value());
    auto const facts = world.facts();
    world.clock.advance(later);

    auto const done = world.redeem(World::order(minted.secret, second, "attempt-2"));

    check_refused(world, done, Problem::code_used, facts, minted.secret);
    CHECK(world.signed_count == 1);
}

TEST_CASE("an order of the wrong shape is refused before the code is looked at",
          "[enrol][redeem]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    auto const facts = world.facts();
    auto order = World::order(minted.secret, machine);
    SECTION("no node id") {
        order.node_id.clear();
    }
    SECTION("a node id that is no UUID") {
        order.node_id = "edge-box";
    }
    SECTION("a zone that is none") {
        order.zone = "EU";
    }
    SECTION("an attempt id over 128 bytes") {
        order.attempt_id = std::string(129, 'a');
    }
    SECTION("a host name over 255 bytes") {
        order.hostname = std::string(256, 'a');
    }
    SECTION("a host name with a control byte") {
        order.hostname = "a\nb";
    }
    SECTION("a bootstrap order") {
        order.kind = Kind::hub;
    }

    auto const done = world.redeem(order);

    check_refused(world, done, Problem::invalid_field, facts, minted.secret);
    CHECK(world.redeem(World::order(minted.secret, machine)).has_value());
}

TEST_CASE("the longest allowed fields are allowed", "[enrol][redeem]") {
    World world;
    Machine const machine(world.random);
    auto order = World::order(world.mint().secret, machine, std::string(128, 'a'));
    order.hostname = std::string(255, 'a');
    order.zone = "eu";

    auto const done = world.redeem(order);

    REQUIRE(done.has_value());
    CHECK(done->node.name == std::string(40, 'a'));
    CHECK(done->node.zone == "eu");
}

TEST_CASE("a refused certificate request is reported before the code and spends nothing",
          "[enrol][redeem]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    auto const facts = world.facts();
    auto order = World::order(minted.secret, machine);
    order.csr_pem = GENERATE("",
                             "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"
                             "-----END CERTIFICATE REQUEST-----\n",
                             ca_request, signer_request);

    check_refused(world, world.redeem(order), Problem::csr_refused, facts, minted.secret);

    order.secret = Secret("no code");
    CHECK(world.redeem(order).error().code == Problem::csr_refused);
}

TEST_CASE("a blank or malformed code is refused as such", "[enrol][redeem]") {
    World world;
    Machine const machine(world.random);
    auto const facts = world.facts();

    check_refused(world, world.redeem(World::order(Secret(" - "), machine)), Problem::code_blank,
                  facts, Secret());
    check_refused(world, world.redeem(World::order(Secret("ABC"), machine)),
                  Problem::code_malformed, facts, Secret("ABC"));
}

TEST_CASE("a node id bound to another key is a duplicate and spends nothing", "[enrol][redeem]") {
    World world;
    Machine const machine(world.random);
    Machine thief(world.random);
    thief.node_id = machine.node_id;
    REQUIRE(world.redeem(World::order(world.mint().secret, machine)).has_value());
    auto const minted = world.mint();
    auto const facts = world.facts();

    auto const done = world.redeem(World::order(minted.secret, thief, "attempt-2"));

    check_refused(world, done, Problem::duplicate_identity, facts, minted.secret);
    CHECK(world.redeem(World::order(minted.secret, Machine(world.random))).has_value());
}

TEST_CASE("a machine may join its subnet again with a fresh code and keeps its name",
          "[enrol][redeem]") {
    World world;
    Machine const machine(world.random);
    REQUIRE(world.redeem(World::order(world.mint().secret, machine)).has_value());
    auto order = World::order(world.mint().secret, machine, "attempt-2");
    order.hostname = "renamed";

    auto const done = world.redeem(order);

    REQUIRE(done.has_value());
    CHECK(done->node.name == "edge-box");
    CHECK(done->node.hostname == "renamed");
    CHECK(world.facts() == "1 2 2 2 ");
}

TEST_CASE("a machine of another subnet, or a hub, is a conflict and spends nothing",
          "[enrol][redeem]") {
    World world;
    Machine const machine(world.random);
    registry::Node known;
    known.node_id = machine.node_id;
    known.spki_sha256 = machine.spki();
    known.subnet_id = GENERATE(subnet_a, subnet_b);
    known.role = known.subnet_id == subnet_a ? "hub" : "member";
    known.issued_by = "root";
    registry::Nodes nodes(world.db);
    REQUIRE(nodes.admit(known).has_value());
    auto const minted = world.mint();
    auto const facts = world.facts();

    auto const done = world.redeem(World::order(minted.secret, machine));

    check_refused(world, done, Problem::join_conflict, facts, minted.secret);
    CHECK(nodes.find(machine.node_id).value()->role == known.role);

    // Removed by its owner, it may go elsewhere.
    REQUIRE(nodes.remove(machine.node_id, world.clock.wall()).has_value());
    CHECK(world.redeem(World::order(minted.secret, machine)).has_value());
}

TEST_CASE("when signing fails nothing is left but the audit row", "[enrol][redeem]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    auto const facts = world.facts();
    Sign const broken = [](pki::Key const&, registry::Node const&) -> Result<std::string> {
        return Error(Problem::internal, "no CA");
    };

    auto const done = world.grants.redeem(World::order(minted.secret, machine), broken);

    check_refused(world, done, Problem::internal, facts, minted.secret);
    CHECK(world.redeem(World::order(minted.secret, machine)).has_value());
}

TEST_CASE("whichever write fails, a redemption happens as a whole or not at all",
          "[enrol][redeem]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    auto const facts = world.facts();
    auto const* const at = GENERATE("INSERT ON nodes", "UPDATE ON grants", "INSERT ON redemptions",
                                    "INSERT ON audit WHEN new.event = 'redeemed'");
    CAPTURE(at);
    auto const trap =
        std::string("CREATE TRIGGER trap BEFORE ") + at + " BEGIN SELECT RAISE(ABORT, 'trap'); END";
    REQUIRE(world.db.execute(trap.c_str()).has_value());

    auto const done = world.redeem(World::order(minted.secret, machine));

    CHECK(done.has_error());
    CHECK(world.facts() == facts);
    CHECK(verify_audit(world.db).has_value());
    REQUIRE(world.db.execute("DROP TRIGGER trap").has_value());
    CHECK(world.redeem(World::order(minted.secret, machine)).has_value());
}

TEST_CASE("a refusal that cannot be put on record is not given out", "[enrol][redeem]") {
    World world;
    Machine const machine(world.random);
    REQUIRE(world.db
                .execute("CREATE TRIGGER trap BEFORE INSERT ON audit "
                         "BEGIN SELECT RAISE(ABORT, 'trap'); END")
                .has_value());

    auto const done = world.redeem(World::order(Secret("ABCDEFGH"), machine));

    REQUIRE(done.has_error());
    CHECK(done.error().code != Problem::code_unknown);
}

}  // namespace adaos::redeem_test

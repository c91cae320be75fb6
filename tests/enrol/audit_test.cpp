#include "enrol/audit.hpp"

#include "base/json.hpp"
#include "enrol/join_code.hpp"
#include "enrol/world.hpp"
#include "support/temp_dir.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace adaos::audit_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

std::string all_bytes_in(std::filesystem::path const& folder) {
    std::string all;
    for (auto const& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        all.append(std::istreambuf_iterator<char>(file), {});
    }
    return all;
}

/// A world whose trail has five rows.
void fill(World& world) {
    Machine const machine(world.random);
    auto const minted = world.mint();
    REQUIRE(world.redeem(World::order(minted.secret, machine)).has_value());
    REQUIRE(world.redeem(World::order(minted.secret, machine)).has_value());
    REQUIRE(world.redeem(World::order(Secret("ABCDEFGH"), machine)).has_error());
    REQUIRE(world.grants.seal(machine.node_id).has_value());
}

}  // namespace

TEST_CASE("the trail refuses to be changed or shortened", "[enrol][audit]") {
    World world;
    fill(world);

    CHECK(world.db.execute("UPDATE audit SET actor = 'me' WHERE seq = 2").has_error());
    CHECK(world.db.execute("DELETE FROM audit WHERE seq = 5").has_error());
    CHECK(world.number("SELECT count(*) FROM audit") == 5);
    CHECK(verify_audit(world.db).has_value());
}

TEST_CASE("a change behind the triggers' back is found at its row", "[enrol][audit]") {
    World world;
    fill(world);
    REQUIRE(world.db.execute("DROP TRIGGER audit_keeps_text").has_value());
    REQUIRE(world.db.execute("DROP TRIGGER audit_keeps_rows").has_value());
    REQUIRE(verify_audit(world.db).has_value());
    auto const* const change = GENERATE(
        "UPDATE audit SET at = at + 1 WHERE seq = 3", "UPDATE audit SET event = 'x' WHERE seq = 3",
        "UPDATE audit SET actor = 'x' WHERE seq = 3",
        "UPDATE audit SET grant_id = 'x' WHERE seq = 3",
        "UPDATE audit SET node_id = 'x' WHERE seq = 3",
        "UPDATE audit SET detail = detail || ' ' WHERE seq = 3",
        "UPDATE audit SET hash = zeroblob(32) WHERE seq = 3",
        "UPDATE audit SET prev_hash = zeroblob(31) || x'01' WHERE seq = 3",
        "UPDATE audit SET actor = actor || substr(event, 1, 1), event = substr(event, 2) "
        "WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3");
    CAPTURE(change);
    // The concatenation of blobs is text in SQLite: a STRICT table refuses that one; fine, too.
    if (world.db.execute(change).has_error()) return;

    auto const verified = verify_audit(world.db);

    REQUIRE(verified.has_error());
    CHECK(verified.error().code == Problem::state_damaged);
    CHECK(verified.error().context == "audit row 3");
}

TEST_CASE("an audit row's hash is the one of its vector", "[enrol][audit][vectors]") {
    World world;
    AuditRow row;
    row.at = from_millis(1'767'225'600'000);
    row.event = "minted";
    row.actor = "cli";
    row.grant_id = "g-1";
    row.detail = "member";

    REQUIRE(append_audit(world.db, row).has_value());

    auto stored = world.db.prepare("SELECT hash FROM audit WHERE seq = 1");
    REQUIRE(stored.step().value());
    CHECK(to_hex(stored.blob(0)) ==
          "e2462a87907b973b5bf1e936939451e9ba64cc7098b0012fd9f62b55bee6b59f");
}

TEST_CASE("an event that is in no list is not written", "[enrol][audit]") {
    World world;
    AuditRow row;
    row.event = "nonsense";

    CHECK(append_audit(world.db, row).error().code == Problem::internal);

    CHECK(check_audit_event("minted").has_value());
    auto const known = check_audit_event("nonsense");
    REQUIRE(known.has_error());
    CHECK(known.error().context.ends_with("draining, paused, resumed"));
}

TEST_CASE("the trail is read newest first, at most as many rows as asked", "[enrol][audit]") {
    World world;
    fill(world);

    AuditFilter two;
    two.limit = 2;
    auto const rows = read_audit(world.db, two);

    REQUIRE(rows.has_value());
    REQUIRE(rows->size() == 2);
    CHECK(rows->at(0).seq == 5);
    CHECK(rows->at(1).seq == 4);
    auto const count = [&](int limit) {
        AuditFilter filter;
        filter.limit = limit;
        return read_audit(world.db, filter).value().size();
    };
    CHECK(count(0) == 0);
    CHECK(count(-1) == 0);
    CHECK(count(1'000'000) == 5);
}

TEST_CASE("a peer's overlong text is cut in the trail", "[enrol][audit]") {
    World world;
    Machine const machine(world.random);
    auto order = World::order(Secret("ABCDEFGH"), machine);
    order.source = std::string(10'000, 'x');

    REQUIRE(world.redeem(order).has_error());

    CHECK(world.last_event().actor == std::string(128, 'x'));
    CHECK(verify_audit(world.db).has_value());
}

TEST_CASE("no byte of the store's files spells a code or a token", "[enrol][secrets]") {
    adaos::test::TempDir const folder;
    World world(folder.path() / "state.db");
    Machine const machine(world.random);
    std::vector<Secret> secrets;
    for (int const length : {8, 10, 12}) secrets.push_back(world.mint(15min, length).secret);
    secrets.push_back(world.mint_hub().secret);
    for (int i = 0; i < 3; ++i) {
        auto const& code = secrets[static_cast<std::size_t>(i)];
        REQUIRE(world.redeem(World::order(code, machine)).has_value());
        REQUIRE(world.redeem(World::order(code, Machine(world.random))).has_error());
    }
    REQUIRE(world.redeem_hub(secrets[3], "", "").has_value());
    auto const projection = join_codes_projection(world.db);
    REQUIRE(projection.has_value());
    REQUIRE(std::filesystem::exists(folder.path() / "state.db-wal"));

    auto const open_files = all_bytes_in(folder.path()) + *projection;
    REQUIRE(world.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").has_value());
    auto const bytes = to_lower(open_files + all_bytes_in(folder.path()));

    REQUIRE(bytes.find(machine.node_id) != std::string::npos);
    for (auto const& secret : secrets) {
        auto const code = to_lower(secret.reveal());
        CHECK(bytes.find(code) == std::string::npos);
        CHECK(bytes.find(to_lower(display_code(secret))) == std::string::npos);
        CHECK(bytes.find(to_hex(as_bytes(secret.reveal()))) == std::string::npos);
    }
}

TEST_CASE("join_codes.json shows MACs and times of the member codes", "[enrol][projection]") {
    World world;
    Machine const machine(world.random);
    auto const minted = world.mint();
    auto const other = world.mint();
    (void)world.mint_hub();
    world.clock.advance(1500ms);
    REQUIRE(world.redeem(World::order(minted.secret, machine)).has_value());
    REQUIRE(world.grants.revoke(other.id, "owner").has_value());

    auto const text = join_codes_projection(world.db);

    REQUIRE(text.has_value());
    auto const json = parse_json(*text);
    REQUIRE(json.has_value());
    CHECK(json->at("v") == 1);
    REQUIRE(json->at("codes").size() == 2);
    auto const& used = json->at("codes").at(to_hex(code_mac(world.mac_key, minted.secret)));
    CHECK(used.at("created_at") == 1767225600.0);
    CHECK(used.at("expires_at") == 1767226500.0);
    CHECK(used.at("consumed_at") == 1767225601.5);
    CHECK(used.at("subnet_id") == subnet_a);
    CHECK(used.at("meta").at("kind") == "subnet.member.join");
    auto const& revoked = json->at("codes").at(to_hex(code_mac(world.mac_key, other.secret)));
    CHECK(revoked.at("consumed_at").is_null());
    CHECK(revoked.at("meta").at("revoked_at") == 1767225601.5);
}

}  // namespace adaos::audit_test

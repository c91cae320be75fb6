// The commands on a trail, on a database that no server holds.
#include "trail/audit_commands.hpp"

#include "base/problem.hpp"
#include "enrol/audit.hpp"
#include "registry/nodes.hpp"
#include "support/temp_dir.hpp"
#include "trail/audit_cli.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

namespace adaos::audit_commands_test {

using namespace adaos::trail;
using adaos::test::TempDir;

namespace {

constexpr char const* node_id = "0190f7a0-0000-4000-8000-000000000001";

struct World {
    World() {
        auto db = store::Database::open(file).value();
        REQUIRE(db.migrate(registry::schema()).has_value());
        for (auto const* const event : {"minted", "redeemed"}) {
            enrol::AuditRow row;
            row.event = event;
            row.actor = "local";
            row.node_id = node_id;
            auto const added = db.transaction<void>([&] { return enrol::append_audit(db, row); });
            REQUIRE(added.has_value());
        }
    }
    cli::Console console() {
        out.str("");
        err.str("");
        return {"adaos", out, err, false};
    }
    int list(AuditOptions const& options) { return audit_list(console(), find, options); }
    int verify(AuditOptions const& options) { return audit_verify(console(), find, options); }

    TempDir folder;
    std::filesystem::path file = folder.path() / "adaos.db";
    FindTrail find = [this] { return Result<TrailFile>(TrailFile{file, "adaos api serve"}); };
    std::ostringstream out, err;
};

}  // namespace

TEST_CASE("a trail is exported, and its export is checked with no database", "[trail]") {
    World world;
    REQUIRE(audit_export(world.console(), world.find) == 0);
    auto const exported = (world.folder.path() / "trail.ndjson").string();
    std::ofstream(exported) << world.out.str();
    world.find = [] { return Result<TrailFile>(Error(Problem::internal, "asked for")); };

    AuditOptions options;
    options.file = exported;
    CHECK(world.verify(options) == 0);
    CHECK(world.out.str().starts_with(
        "2 audit rows, none changed or missing up to the last\nlast hash "));
}

TEST_CASE("a file without a row proves nothing", "[trail]") {
    World world;
    AuditOptions options;
    options.file = (world.folder.path() / "empty").string();
    std::ofstream(*options.file).flush();

    CHECK(world.verify(options) == 2);
    CHECK(world.out.str().empty());
    CHECK(world.err.str().find("it has no audit row, so it proves nothing") != std::string::npos);
}

TEST_CASE("rows are found by their event and their node", "[trail]") {
    World world;
    AuditOptions options;
    options.event = "minted";
    options.node_id = node_id;

    CHECK(world.list(options) == 0);
    CHECK(world.out.str().find("  minted  local  ") != std::string::npos);
    CHECK(world.out.str().find("redeemed") == std::string::npos);
}

TEST_CASE("what no row can fit is a usage error, not an empty list", "[trail]") {
    World world;
    AuditOptions options;
    std::string said;
    SECTION("an event that is none") {
        options.event = "nonsense";
        said = "--event: one of minted, expired, ";
    }
    SECTION("a node's name") {
        options.node_id = "edge-box";
        said = "--node: a node's id";
    }
    SECTION("a grant's secret") {
        options.grant_id = "ABCD-EFGH";
        said = "--grant: a grant's id";
    }
    CHECK(world.list(options) == 2);
    CHECK(world.err.str().find(said) != std::string::npos);
    CHECK(world.out.str().empty());
}

TEST_CASE("a noted hash of the wrong form is a usage error", "[trail]") {
    World world;
    AuditOptions options;
    options.head = "abc";
    CHECK(world.verify(options) == 2);
    options.head = std::string(64, '0');
    CHECK(world.verify(options) == 78);
}

TEST_CASE("a trail that is not there is said with what makes it", "[trail]") {
    World world;
    world.file = world.folder.path() / "none.db";
    CHECK(world.list({}) == 1);
    CHECK(world.err.str().find("none.db is not there; adaos api serve makes it") !=
          std::string::npos);
    CHECK_FALSE(std::filesystem::exists(world.file));
}

}  // namespace adaos::audit_commands_test

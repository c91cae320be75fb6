// A link ends with the certificate it was made with, when no renewal comes.
#include "store/database.hpp"
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

namespace adaos::certificate_end_test {

using namespace adaos::test;

namespace {

constexpr auto day = 24h;

struct EndWorld {
    /// Neither is a certificate renewed from now on, nor recovered.
    static void forbid_renewals(std::filesystem::path const& database) {
        auto db = store::Database::open(database).value();
        db.execute(
              "CREATE TRIGGER no_renewal BEFORE INSERT ON audit "
              "WHEN NEW.event IN ('renewed', 'recovered') "
              "BEGIN SELECT RAISE(ABORT, 'no renewal'); END")
            .value();
    }
    static void allow_renewals(std::filesystem::path const& database) {
        auto db = store::Database::open(database).value();
        db.execute("DROP TRIGGER no_renewal").value();
    }

    Mesh mesh;
    MeshNode& hub = mesh.add_hub("alpha.test");
    MeshNode& node = mesh.add_member("beta.test", hub);
};

}  // namespace

TEST_CASE("a live link is cut when the certificate of its dialler ends", "[member][renewal]") {
    EndWorld w;
    bool const of_hub = GENERATE(true, false);
    CAPTURE(of_hub);
    auto& dialler = of_hub ? w.hub : w.node;
    auto const authority = of_hub ? w.mesh.root_database() : w.hub.dir.database();
    EndWorld::forbid_renewals(authority);
    w.mesh.jump(30 * day - 3min);
    w.mesh.network.cut(dialler.name());  // links that are made in the certificate's last minutes
    REQUIRE(w.mesh.linked(w.hub));
    REQUIRE(w.mesh.linked(w.node));

    w.mesh.pass(140s);
    CHECK(w.mesh.is_linked(dialler));
    CHECK(w.mesh.until([&] { return !w.mesh.is_linked(dialler); }, 41s));
    CHECK(dialler.log.has("certificate_ended"));
    w.mesh.pass(30s);
    CHECK_FALSE(w.mesh.is_linked(dialler));

    EndWorld::allow_renewals(authority);
    CHECK(w.mesh.linked(dialler, 30s));
}

TEST_CASE("a clock that jumps over the end of all certificates cuts no link that can be renewed",
          "[member][renewal]") {
    EndWorld w;
    w.mesh.jump(31 * day);
    w.mesh.pass(5min);
    CHECK(w.mesh.is_linked(w.hub));
    CHECK(w.mesh.is_linked(w.node));
    CHECK_FALSE(w.mesh.root_log.has("hub lost"));
    CHECK_FALSE(w.hub.log.has("member lost"));
}

TEST_CASE("after such a jump a link that is not renewed is cut within minutes",
          "[member][renewal]") {
    EndWorld w;
    EndWorld::forbid_renewals(w.mesh.root_database());
    w.mesh.jump(31 * day);
    CHECK(w.mesh.until([&] { return !w.mesh.is_linked(w.hub); }, 4min));
    CHECK(w.hub.log.has("certificate_ended"));
}

}  // namespace adaos::certificate_end_test

#include "enrol/garbage.hpp"

#include "world.hpp"

#include <algorithm>

namespace adaos::garbage_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

struct Shelf : World {
    bool has(std::string const& id) {
        auto row = db.prepare("SELECT count(*) FROM grants WHERE id = ?1");
        row.bind(1, id);
        REQUIRE(row.step().value());
        return row.integer(0) == 1;
    }
    std::vector<std::string> events(std::string const& id) {
        AuditFilter filter;
        filter.grant_id = id;
        std::vector<std::string> out;
        for (auto const& row : read_audit(db, filter).value()) out.push_back(row.event);
        return out;
    }
};

}  // namespace

TEST_CASE("a grant that nobody used is listed for 90 days after its end, and then pruned",
          "[enrol][garbage]") {
    Shelf shelf;
    auto const old = shelf.mint(15min);
    shelf.clock.advance(15min + grant_retention);
    (void)shelf.mint(15min);
    CHECK(shelf.has(old.id));

    shelf.clock.advance(1s);
    (void)shelf.mint(15min);
    CHECK_FALSE(shelf.has(old.id));
    CHECK(shelf.events(old.id) == std::vector<std::string>{"expired", "minted"});
    CHECK(verify_audit(shelf.db).has_value());
}

TEST_CASE("a grant that let somebody in stays, with its redemption", "[enrol][garbage]") {
    Shelf shelf;
    auto const used = shelf.mint(15min);
    Machine const machine(shelf.random);
    REQUIRE(shelf.redeem(World::order(used.secret, machine)).has_value());
    shelf.clock.advance(365 * 24h);
    (void)shelf.mint(15min);
    CHECK(shelf.has(used.id));
}

TEST_CASE("a hundred dead grants are gone after a few mints, twenty each time",
          "[enrol][garbage]") {
    Shelf shelf;
    std::vector<std::string> ids;
    for (int i = 0; i < 100; ++i) ids.push_back(shelf.mint(15min).id);
    shelf.clock.advance(365 * 24h);
    (void)shelf.mint(15min);
    CHECK(std::count_if(ids.begin(), ids.end(), [&](auto& id) { return shelf.has(id); }) == 80);
    for (int i = 0; i < 4; ++i) (void)shelf.mint(15min);
    CHECK(std::count_if(ids.begin(), ids.end(), [&](auto& id) { return shelf.has(id); }) == 0);
}

}  // namespace adaos::garbage_test

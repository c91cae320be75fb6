#include "api/desk.hpp"

#include "store/database.hpp"
#include "support/manual_timers.hpp"
#include "support/run.hpp"
#include "support/seeded_random.hpp"
#include "support/temp_dir.hpp"
#include "support/test_clock.hpp"

#include <catch2/catch.hpp>

namespace adaos::desk_test {

TEST_CASE("the store serves others while a code is minted", "[api]") {
    test::Loop loop;
    test::TempDir folder;
    test::TestClock clock;
    test::SeededRandom random{1};
    test::ManualTimers timers;
    auto database = store::Database::open(folder.path() / "desk.sqlite").value();
    database.migrate(registry::schema()).value();
    api::Desk desk{std::move(database), Bytes(32), clock, random, timers, {}, {}};
    enrol::MintOrder order;
    order.subnet_id = "sn_12345678";

    auto minted = loop.start(desk.mint(order));
    int served = 0;
    while (!minted.done()) {
        REQUIRE(loop.run(desk.hubs()).has_value());
        ++served;
    }

    CHECK(minted.get().value().secret.reveal().size() == 8);
    CHECK(served > 10);  // in a tenth of a second of scrypt
}

}  // namespace adaos::desk_test

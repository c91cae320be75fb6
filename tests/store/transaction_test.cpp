#include "store/database.hpp"

#include "base/problem.hpp"
#include "store/child.hpp"
#include "store/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace adaos::transaction_test {

using namespace adaos::store;
using test::TempFolder;

namespace {

Database memory() {
    return Database::open(":memory:").value();
}

Database with_table() {
    auto db = memory();
    REQUIRE(db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)").has_value());
    return db;
}

std::int64_t count(Database& db, std::string const& from) {
    auto query = db.prepare("SELECT count(*) FROM " + from);
    REQUIRE(query.step().value());
    return query.integer(0);
}

std::string pragma(Database& db, std::string const& name) {
    auto query = db.prepare("PRAGMA " + name);
    REQUIRE(query.step().value());
    return query.text(0);
}

/// The exit of a child that does what the program must never do.
int outcome_of_bug(std::function<void()> const& misuse) {
    test::Child child([&misuse] {
        if (std::freopen("/dev/null", "w", stderr) == nullptr) return 1;
        std::signal(SIGABRT, SIG_DFL);  // not Catch's
        misuse();
        return 0;
    });
    return child.wait();
}

}  // namespace

TEST_CASE("migrations run once each and in order", "[store][migrate]") {
    TempFolder folder;
    std::array<char const*, 3> const steps{"CREATE TABLE a(x)", "CREATE TABLE b(x)",
                                           "INSERT INTO a VALUES(1)"};
    {
        auto db = Database::open(folder / "state.db").value();
        REQUIRE(db.migrate(std::span(steps).first(1)).has_value());
        CHECK(pragma(db, "user_version") == "1");
    }
    auto db = Database::open(folder / "state.db").value();

    REQUIRE(db.migrate(steps).has_value());
    REQUIRE(db.migrate(steps).has_value());

    CHECK(pragma(db, "user_version") == "3");
    CHECK(count(db, "a") == 1);
    CHECK(count(db, "b") == 0);
}

TEST_CASE("a failed migration step leaves the version before it", "[store][migrate]") {
    auto db = memory();
    std::array<char const*, 2> const steps{"CREATE TABLE a(x)", "CREATE TABLE b(x); SELECT nope()"};

    auto const done = db.migrate(steps);

    CHECK(done.error().code == Problem::internal);
    CHECK_THAT(done.error().context, Catch::StartsWith("migrate to 2: "));
    CHECK(pragma(db, "user_version") == "1");
    CHECK(count(db, "sqlite_master") == 1);
}

TEST_CASE("state of a newer version is not touched", "[store][migrate]") {
    auto db = memory();
    REQUIRE(db.execute("PRAGMA user_version=2").has_value());
    std::array<char const*, 1> const steps{"CREATE TABLE a(x)"};

    CHECK(db.migrate(steps).error().code == Problem::state_too_new);
    CHECK(count(db, "sqlite_master") == 0);
}

TEST_CASE("a transaction keeps all or nothing", "[store][transaction]") {
    auto db = with_table();
    auto const insert = [&] { return db.execute("INSERT INTO t(v) VALUES(1)"); };

    auto const kept = db.transaction<int>([&]() -> Result<int> {
        REQUIRE(insert().has_value());
        return 5;
    });
    auto const undone = db.transaction<int>([&]() -> Result<int> {
        REQUIRE(insert().has_value());
        return Error(Problem::code_used, "test");
    });
    CHECK_THROWS_AS(db.transaction<int>([&]() -> Result<int> {
        REQUIRE(insert().has_value());
        throw std::runtime_error("bug");
    }),
                    std::runtime_error);

    CHECK(kept.value() == 5);
    CHECK(undone.error().code == Problem::code_used);
    CHECK(count(db, "t") == 1);
}

TEST_CASE("a commit that is refused undoes the transaction", "[store][transaction]") {
    auto db = with_table();
    REQUIRE(
        db.execute("CREATE TABLE c(p REFERENCES t(id) DEFERRABLE INITIALLY DEFERRED)").has_value());

    auto const done = db.transaction<void>([&] { return db.execute("INSERT INTO c VALUES(99)"); });

    CHECK(is_constraint(done.error()));
    CHECK(count(db, "c") == 0);
    CHECK(db.transaction<void>([]() -> Result<void> { return {}; }).has_value());
}

TEST_CASE("misuse of a database is a bug and ends the process", "[store][bug]") {
    CHECK(outcome_of_bug([] {
              auto db = memory();
              auto const inner = [&] {
                  return db.transaction<void>([]() -> Result<void> { return {}; });
              };
              auto const done = db.transaction<void>(inner);
              (void)done;
          }) == -SIGABRT);
    CHECK(outcome_of_bug([] { auto s = memory().prepare("SELEC 1"); }) == -SIGABRT);
    CHECK(outcome_of_bug([] { auto s = memory().prepare("SELECT * FROM nowhere"); }) == -SIGABRT);
    CHECK(outcome_of_bug([] { auto s = memory().prepare("SELECT 1; SELECT 2"); }) == -SIGABRT);
    CHECK(outcome_of_bug([] { auto s = memory().prepare(""); }) == -SIGABRT);
    CHECK(outcome_of_bug([] {
              auto db = memory();
              auto s = db.prepare("SELECT ?");
              s.bind(2, "x");
          }) == -SIGABRT);
    CHECK(outcome_of_bug([] { auto db = memory(); }) == 0);
}

}  // namespace adaos::transaction_test

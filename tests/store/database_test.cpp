#include "store/database.hpp"

#include "base/problem.hpp"
#include "store/child.hpp"
#include "store/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <vector>

namespace adaos::database_test {

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

}  // namespace

TEST_CASE("a database is opened durable, strict and private", "[store][db]") {
    TempFolder folder;
    test::Umask const open_to_all(0);
    auto db = Database::open(folder / "state.db").value();
    REQUIRE(db.execute("CREATE TABLE t(v)").has_value());

    CHECK(pragma(db, "journal_mode") == "wal");
    CHECK(pragma(db, "synchronous") == "2");
    CHECK(pragma(db, "foreign_keys") == "1");
    CHECK(pragma(db, "busy_timeout") == "5000");
    for (auto const* const name : {"state.db", "state.db-wal", "state.db-shm"})
        CHECK(test::mode_of(folder / name) == 0600);
}

TEST_CASE("a database file that others may read is narrowed", "[store][db]") {
    TempFolder folder;
    test::put(folder / "state.db", "");
    std::filesystem::permissions(folder / "state.db", std::filesystem::perms(0664));

    CHECK(Database::open(folder / "state.db").has_value());

    CHECK(test::mode_of(folder / "state.db") == 0600);
}

TEST_CASE("values go in and come out unchanged", "[store][statement]") {
    auto db = with_table();
    std::vector<std::byte> const raw{std::byte{0}, std::byte{255}};
    auto const insert = [&](auto const& value) {
        return db.prepare("INSERT INTO t(v) VALUES(?)").bind(1, value).run().has_value();
    };
    REQUIRE(insert(INT64_MIN));
    REQUIRE(insert(std::string("a\0b", 3)));
    REQUIRE(insert(std::string_view()));
    REQUIRE(insert(std::span<std::byte const>(raw)));
    REQUIRE(insert(std::span<std::byte const>()));
    REQUIRE(insert(nullptr));
    REQUIRE(insert(std::optional<std::string>()));
    REQUIRE(insert(std::optional<std::int64_t>(7)));

    auto rows = db.prepare("SELECT v, typeof(v) FROM t ORDER BY id");

    REQUIRE(rows.step().value());
    CHECK(rows.integer(0) == INT64_MIN);
    REQUIRE(rows.step().value());
    CHECK(rows.text(0) == std::string("a\0b", 3));
    REQUIRE(rows.step().value());
    CHECK(rows.text(1) == "text");
    CHECK_FALSE(rows.is_null(0));
    REQUIRE(rows.step().value());
    CHECK(rows.blob(0) == raw);
    REQUIRE(rows.step().value());
    CHECK(rows.text(1) == "blob");
    CHECK(rows.blob(0).empty());
    for (int i = 0; i < 2; ++i) {
        REQUIRE(rows.step().value());
        CHECK(rows.is_null(0));
        CHECK(rows.text(0).empty());
        CHECK(rows.integer(0) == 0);
    }
    REQUIRE(rows.step().value());
    CHECK(rows.integer(0) == 7);
    CHECK_FALSE(rows.step().value());
}

TEST_CASE("a statement can be bound and run again and again", "[store][statement]") {
    auto db = with_table();
    auto insert = db.prepare("INSERT INTO t(v) VALUES(?)");

    for (std::int64_t i = 0; i < 10; ++i) REQUIRE(insert.bind(1, i).run().has_value());

    CHECK(count(db, "t") == 10);
    CHECK(db.changes() == 1);
}

TEST_CASE("a statement from the cache remembers nothing of its last use", "[store][statement]") {
    auto db = with_table();
    auto const sql = "INSERT INTO t(v) VALUES(?)";
    REQUIRE(db.prepare(sql).bind(1, "secret").run().has_value());

    REQUIRE(db.prepare(sql).run().has_value());

    CHECK(count(db, "t WHERE v IS NULL") == 1);
}

TEST_CASE("the same statement can be in use twice at a time", "[store][statement]") {
    auto db = with_table();
    REQUIRE(db.execute("INSERT INTO t(v) VALUES(1),(2),(3)").has_value());
    auto const sql = "SELECT v FROM t ORDER BY id";
    auto outer = db.prepare(sql);
    int pairs = 0;

    while (outer.step().value()) {
        auto inner = db.prepare(sql);
        while (inner.step().value()) ++pairs;
    }

    CHECK(pairs == 9);
}

TEST_CASE("a statement that was moved from does no harm", "[store][statement]") {
    auto db = with_table();
    auto first = db.prepare("SELECT 1");
    auto second = std::move(first);

    CHECK(second.step().value());
}

TEST_CASE("more different statements than the cache holds still work", "[store][statement]") {
    auto db = memory();

    for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 300; ++i) {
            auto query = db.prepare("SELECT " + std::to_string(i));
            REQUIRE(query.step().value());
            CHECK(query.integer(0) == i);
        }
}

TEST_CASE("a broken unique key, foreign key or check is a constraint error", "[store][db]") {
    auto db = with_table();
    REQUIRE(db.execute("CREATE TABLE c(p REFERENCES t(id), n CHECK(n < 5)) ; INSERT INTO t "
                       "VALUES(1,'secret')")
                .has_value());
    auto const sql = GENERATE(as<std::string>(), "INSERT INTO t VALUES(1, 2)",
                              "INSERT INTO c VALUES(99, 1)", "INSERT INTO c VALUES(1, 7)");

    auto const done = db.prepare(sql).run();

    REQUIRE(done.has_error());
    CHECK(is_constraint(done.error()));
    CHECK(is_constraint(db.execute(sql.c_str()).error()));
    CHECK(describe(done.error().code).problem == Problem::internal);
    CHECK(done.error().context.find("secret") == std::string::npos);
    CHECK_FALSE(is_constraint(Error(Problem::internal)));
    CHECK_FALSE(is_constraint(Error()));
}

TEST_CASE("a file that is no database is reported as damaged, by name", "[store][db]") {
    TempFolder folder;
    auto const content =
        GENERATE(as<std::string>(), std::string(4096, 'x'), "hello, this is not a database at all");
    test::put(folder / "state.db", content);

    auto const db = Database::open(folder / "state.db");

    REQUIRE(db.has_error());
    CHECK(db.error().code == Problem::state_damaged);
    CHECK_THAT(db.error().context, Catch::Contains((folder / "state.db").string()));
}

TEST_CASE("a database with a damaged page is reported at open", "[store][db]") {
    TempFolder folder;
    auto const path = folder / "state.db";
    {
        auto db = Database::open(path).value();
        REQUIRE(db.execute("CREATE TABLE t(v); CREATE INDEX i ON t(v); WITH RECURSIVE n(x) AS "
                           "(SELECT 1 UNION ALL SELECT x+1 FROM n WHERE x<2000) INSERT INTO t "
                           "SELECT hex(randomblob(50)) FROM n")
                    .has_value());
    }
    REQUIRE(Database::open(path).has_value());
    bool const cut = GENERATE(true, false);
    if (cut) {
        std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    } else {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4096 * 5);
        file << std::string(4096, '\x5a');
    }

    auto const db = Database::open(path);

    REQUIRE(db.has_error());
    CHECK(db.error().code == Problem::state_damaged);
    CHECK_THAT(db.error().context, Catch::Contains(path.string()));
}

TEST_CASE("a database in a missing folder, at a link or at a folder is not opened", "[store][db]") {
    TempFolder folder;
    test::put(folder / "target", "");
    std::filesystem::create_symlink(folder / "target", folder / "link");

    for (auto const* const name : {"no/state.db", "link", "."})
        CHECK(Database::open(folder / name).error().code == Problem::state_unreadable);
}

TEST_CASE("a database that may not be opened is a permission problem", "[store][db]") {
    TempFolder folder;
    CHECK(Database::open(folder / "state.db").has_value());
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));

    test::Child child([&folder] {
        if (geteuid() != 0 || !test::become_nobody()) return 77;
        bool const old = Database::open(folder / "state.db").error().code == Problem::permission;
        bool const fresh = Database::open(folder / "new.db").error().code == Problem::permission;
        return old && fresh ? 0 : 1;
    });

    auto const code = child.wait();
    if (code == 77) {
        WARN("needs root to become nobody");
        return;
    }
    CHECK(code == 0);
}

TEST_CASE("a full disk is reported as such and the transaction is undone", "[store][db]") {
    TempFolder folder;
    auto db = Database::open(folder / "state.db").value();
    REQUIRE(db.execute("CREATE TABLE t(v); PRAGMA max_page_count=10").has_value());

    auto const done = db.transaction<void>([&]() -> Result<void> {
        for (;;) {
            auto insert = db.prepare("INSERT INTO t VALUES(zeroblob(1000))");
            if (auto one = insert.run(); one.has_error()) return one;
        }
    });

    CHECK(done.error().code == Problem::disk_full);
    CHECK(count(db, "t") == 0);
    CHECK(db.transaction<int>([]() -> Result<int> { return 1; }).has_value());
}

TEST_CASE("a database locked past the timeout is unreadable, not damaged", "[store][db]") {
    TempFolder folder;
    auto one = Database::open(folder / "state.db").value();
    auto two = Database::open(folder / "state.db").value();
    REQUIRE(two.execute("PRAGMA busy_timeout=0").has_value());
    REQUIRE(one.execute("CREATE TABLE t(v); BEGIN IMMEDIATE").has_value());

    auto const done = two.transaction<void>([]() -> Result<void> { return {}; });

    CHECK(done.error().code == Problem::state_unreadable);
    CHECK_THAT(done.error().context, Catch::EndsWith("database is locked"));
}

TEST_CASE("two processes that count in one database lose nothing", "[store][db][processes]") {
    TempFolder folder;
    auto const path = folder / "state.db";
    constexpr int rounds = 100;
    std::array<char const*, 2> const steps{"CREATE TABLE n(v INTEGER)", "INSERT INTO n VALUES(0)"};
    auto const work = [&] {
        // Both open, create and migrate the same missing file at the same time.
        auto db = Database::open(path);
        if (db.has_error() || db->migrate(steps).has_error()) return 1;
        for (int i = 0; i < rounds; ++i) {
            auto const done = db->transaction<void>([&]() -> Result<void> {
                auto query = db->prepare("SELECT v FROM n");
                if (auto row = query.step(); row.has_error()) return row.error();
                auto const v = query.integer(0);
                return db->prepare("UPDATE n SET v=?").bind(1, v + 1).run();
            });
            if (done.has_error()) return 2;
        }
        return 0;
    };

    std::vector<test::Child> children;
    for (int i = 0; i < 3; ++i) children.emplace_back(work);
    for (auto& child : children) CHECK(child.wait() == 0);

    auto db = Database::open(path).value();
    auto query = db.prepare("SELECT v FROM n");
    REQUIRE(query.step().value());
    CHECK(query.integer(0) == 3 * rounds);
    CHECK(count(db, "n") == 1);
}

TEST_CASE("rows that were committed survive a killed process", "[store][db][crash]") {
    TempFolder folder;
    auto const path = folder / "state.db";
    int committed[2];
    REQUIRE(::pipe(committed) == 0);
    test::Child writer([&] {
        auto db = Database::open(path).value();
        if (db.execute("CREATE TABLE t(v)").has_error()) return 1;
        for (std::int64_t i = 0;; ++i) {
            if (db.prepare("INSERT INTO t VALUES(?)").bind(1, i).run().has_error()) return 2;
            if (::write(committed[1], "x", 1) != 1) return 3;
        }
    });
    char byte = 0;
    constexpr int enough = 50;
    for (int i = 0; i < enough; ++i) REQUIRE(::read(committed[0], &byte, 1) == 1);

    writer.kill();
    writer.wait();

    auto db = Database::open(path).value();
    CHECK(count(db, "t") >= enough);
    ::close(committed[0]);
    ::close(committed[1]);
}

TEST_CASE("opening a file a second time leaves the first connection's locks in place",
          "[store][db][processes]") {
    TempFolder folder;
    auto const path = folder / "state.db";
    int go[2];
    REQUIRE(::pipe(go) == 0);
    // Forked before anything is open: a copy of SQLite's own list of locks would spoil the test.
    // Were the locks gone, this process would think itself the last and remove the log.
    test::Child other([&] {
        char byte = 0;
        if (::read(go[0], &byte, 1) != 1) return 1;
        return Database::open(path).has_value() ? 0 : 2;
    });
    auto first = Database::open(path).value();
    REQUIRE(first.execute("CREATE TABLE t(v); INSERT INTO t VALUES(1)").has_value());
    CHECK(Database::open(path).has_value());

    REQUIRE(::write(go[1], "x", 1) == 1);
    CHECK(other.wait() == 0);

    CHECK(std::filesystem::exists(folder / "state.db-wal"));
    CHECK(first.execute("INSERT INTO t VALUES(2)").has_value());
    CHECK(count(first, "t") == 2);
    ::close(go[0]);
    ::close(go[1]);
}

}  // namespace adaos::database_test

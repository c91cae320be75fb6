#include "base/problem.hpp"
#include "store/child.hpp"
#include "store/temp_folder.hpp"
#include "store/worker.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <future>
#include <optional>
#include <thread>
#include <vector>

namespace adaos::group_test {

using namespace adaos::store;
using test::TempFolder;

namespace {

Database open_table(std::filesystem::path const& path) {
    auto db = Database::open(path).value();
    REQUIRE(db.execute("CREATE TABLE IF NOT EXISTS t(v INTEGER PRIMARY KEY)").has_value());
    return db;
}

std::int64_t count(Database& db) {
    auto query = db.prepare("SELECT count(*) FROM t");
    REQUIRE(query.step().value());
    return query.integer(0);
}

Result<void> insert(Database& db, std::int64_t value) {
    auto put = db.prepare("INSERT INTO t VALUES(?1)");
    put.bind(1, value);
    return put.run();
}

/// In a transaction of its own, which then ends with `outcome`.
Result<void> write(Database& db, std::int64_t value, Result<void> outcome = {}) {
    return db.transaction<void>([&]() -> Result<void> {
        if (auto put = insert(db, value); put.has_error()) return put;
        return outcome;
    });
}

/// Posts jobs that wait for each other's commit: all of them are queued before the first runs.
class Together {
public:
    explicit Together(Database db) : worker_(std::move(db)) {
        std::promise<void> running;
        auto const is_running = running.get_future();
        REQUIRE(worker_.post([&running, go = go_.get_future().share()](Database&) {
            running.set_value();
            go.wait();
            // Longer than a group may last, so that this one is a group of its own.
            std::this_thread::sleep_for(Worker::group_time);
        }));
        is_running.wait();
    }
    void post(Worker::Run run, Worker::Answer answer = {}) {
        REQUIRE(worker_.post(std::move(run), std::move(answer)));
    }
    /// Lets them run and returns when all are answered.
    void run() {
        std::promise<void> answered;
        post([](Database&) {},
             [&answered](Database&, Result<void> const&) { answered.set_value(); });
        go_.set_value();
        answered.get_future().wait();
    }

private:
    std::promise<void> go_;
    Worker worker_;
};

}  // namespace

TEST_CASE("jobs that wait together share one commit, and are answered after it", "[store][group]") {
    TempFolder folder;
    Together jobs(open_table(folder / "state.db"));
    auto other = open_table(folder / "state.db");
    std::vector<std::int64_t> seen_while_running, seen_at_answer;
    for (int i = 0; i < 5; ++i)
        jobs.post(
            [&, i](Database& db) {
                if (write(db, i).has_error()) std::abort();
                seen_while_running.push_back(count(other));
            },
            [&](Database&, Result<void> const& durable) {
                if (durable.has_value()) seen_at_answer.push_back(count(other));
            });

    jobs.run();

    CHECK(seen_while_running == std::vector<std::int64_t>(5, 0));
    CHECK(seen_at_answer == std::vector<std::int64_t>(5, 5));
}

TEST_CASE("a job that fails in a group takes its own writes back and nobody else's",
          "[store][group]") {
    TempFolder folder;
    Together jobs(open_table(folder / "state.db"));
    std::optional<Result<void>> failed;
    int durable_answers = 0;
    Worker::Answer const answer = [&](Database&, Result<void> const& durable) {
        durable_answers += durable.has_value() ? 1 : 0;
    };
    jobs.post([](Database& db) { (void)write(db, 1); }, answer);
    jobs.post([&](Database& db) { failed = write(db, 2, Error(Problem::code_used, "test")); },
              answer);
    jobs.post([](Database& db) { (void)write(db, 3); }, answer);

    jobs.run();

    CHECK(failed->error().code == Problem::code_used);
    CHECK(durable_answers == 3);
    auto db = open_table(folder / "state.db");
    CHECK(count(db) == 2);
    CHECK(is_constraint(insert(db, 1).error()));
    CHECK(insert(db, 2).has_value());
}

TEST_CASE(
    "a job sees what those before it in the group wrote, and two "
    "transactions of one job "
    "are apart",
    "[store][group]") {
    TempFolder folder;
    Together jobs(open_table(folder / "state.db"));
    std::int64_t seen = -1;
    jobs.post([](Database& db) {
        (void)write(db, 1, Error(Problem::code_used, "test"));
        (void)write(db, 2);
    });
    jobs.post([&](Database& db) { seen = count(db); });

    jobs.run();

    CHECK(seen == 1);
}

TEST_CASE("a commit that fails fails everybody in its group, and nobody after it",
          "[store][group]") {
    TempFolder folder;
    auto db = open_table(folder / "state.db");
    REQUIRE(
        db.execute("CREATE TABLE c(p REFERENCES t(v) DEFERRABLE INITIALLY DEFERRED)").has_value());
    Together jobs(std::move(db));
    std::vector<bool> durable_answers;
    Worker::Answer const answer = [&](Database&, Result<void> const& durable) {
        durable_answers.push_back(durable.has_value());
    };
    jobs.post([](Database& to) { (void)write(to, 1); }, answer);
    jobs.post(
        [](Database& to) {
            (void)to.transaction<void>([&] { return to.execute("INSERT INTO c VALUES(99)"); });
        },
        answer);

    jobs.run();
    std::promise<bool> later;
    jobs.post(
        [](Database& to) { (void)write(to, 2); },
        [&](Database&, Result<void> const& durable) { later.set_value(durable.has_value()); });

    CHECK(later.get_future().get());
    CHECK(durable_answers == std::vector<bool>{false, false});
    auto after = open_table(folder / "state.db");
    CHECK(count(after) == 1);
}

TEST_CASE(
    "when SQLite itself takes a group back, its jobs hear of it and the "
    "next group begins",
    "[store][group]") {
    TempFolder folder;
    Together jobs(open_table(folder / "state.db"));
    std::vector<bool> durable_answers;
    Worker::Answer const answer = [&](Database&, Result<void> const& durable) {
        durable_answers.push_back(durable.has_value());
    };
    jobs.post([](Database& db) { (void)write(db, 1); }, answer);
    jobs.post(
        [](Database& db) {
            // As a full disk may: the statement's failure ends the transaction.
            (void)db.transaction<void>(
                [&] { return db.execute("INSERT OR ROLLBACK INTO t VALUES(1)"); });
        },
        answer);
    jobs.post([](Database& db) { (void)write(db, 3); }, answer);

    jobs.run();

    CHECK(durable_answers == std::vector<bool>{false, false, true});
    auto after = open_table(folder / "state.db");
    CHECK(count(after) == 1);
    CHECK(is_constraint(insert(after, 3).error()));
}

TEST_CASE("a crash before the commit has answered nobody and kept nothing", "[store][group]") {
    TempFolder folder;
    (void)open_table(folder / "state.db");
    static constexpr int answered = 3, crashed = 7;

    test::Child child([&] {
        Worker worker(Database::open(folder / "state.db").value());
        Worker::Answer const answer = [](Database&, Result<void> const&) { ::_exit(answered); };
        (void)worker.post(
            [&](Database& first) {
                (void)write(first, 1);
                // Behind this one and so in its group.
                (void)worker.post([](Database& second) {
                    (void)write(second, 2);
                    ::_exit(crashed);
                });
            },
            answer);
        std::this_thread::sleep_for(std::chrono::seconds(10));
        return 0;
    });

    CHECK(child.wait() == crashed);
    auto after = open_table(folder / "state.db");
    CHECK(count(after) == 0);
}

TEST_CASE("a group is so big and no bigger", "[store][group]") {
    TempFolder folder;
    Together jobs(open_table(folder / "state.db"));
    auto other = open_table(folder / "state.db");
    std::vector<std::int64_t> seen_at_answer;
    constexpr auto all = static_cast<std::int64_t>(Worker::max_group) + 1;
    for (std::int64_t i = 0; i < all; ++i)
        jobs.post([i](Database& db) { (void)write(db, i); },
                  [&](Database&, Result<void> const&) { seen_at_answer.push_back(count(other)); });

    jobs.run();

    REQUIRE(seen_at_answer.size() == Worker::max_group + 1);
    CHECK(seen_at_answer.front() < all);  // fewer still on a machine where they take long
    CHECK(seen_at_answer.back() == all);
    CHECK(std::is_sorted(seen_at_answer.begin(), seen_at_answer.end()));
}

TEST_CASE("a group that only reads leaves the lock to others", "[store][group]") {
    TempFolder folder;
    Together jobs(open_table(folder / "state.db"));
    auto other = open_table(folder / "state.db");
    std::optional<Result<void>> written;
    jobs.post([](Database& db) { (void)count(db); });
    jobs.post([&](Database&) { written = write(other, 1); });

    jobs.run();

    CHECK(written->has_value());
}

TEST_CASE(
    "jobs of many threads and of another process are all done, each "
    "once, answered in order",
    "[store][group]") {
    TempFolder folder;
    (void)open_table(folder / "state.db");
    static constexpr int threads = 4, each = 50;
    test::Child child([&] {
        auto db = Database::open(folder / "state.db").value();
        for (int i = 0; i < each; ++i)
            if (write(db, 1'000'000 + i).has_error()) return 1;
        return 0;
    });
    std::vector<std::vector<int>> answered(threads);
    {
        Worker worker(Database::open(folder / "state.db").value());
        std::vector<std::thread> posters;
        for (int t = 0; t < threads; ++t)
            posters.emplace_back([&, t] {
                for (int i = 0; i < each; ++i)
                    (void)worker.post([t, i](Database& db) { (void)write(db, t * each + i); },
                                      [&, t, i](Database&, Result<void> const& durable) {
                                          auto& mine = answered[static_cast<std::size_t>(t)];
                                          if (durable.has_value()) mine.push_back(i);
                                      });
            });
        for (auto& poster : posters) poster.join();
    }

    CHECK(child.wait() == 0);
    for (auto const& mine : answered) {
        CHECK(mine.size() == each);
        CHECK(std::is_sorted(mine.begin(), mine.end()));
    }
    auto after = open_table(folder / "state.db");
    CHECK(count(after) == threads * each + each);
}

TEST_CASE("a job that rewrites many megabytes is undone alone", "[store]") {
    TempFolder const folder;
    auto db = Database::open(folder / "a.db").value();
    REQUIRE(db.execute("CREATE TABLE t(v INTEGER PRIMARY KEY, filler BLOB);"
                       "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE "
                       "i < 3000) INSERT INTO t SELECT i, zeroblob(4000) FROM n")
                .has_value());
    auto const rewrite = [&](Result<void> outcome) {
        return db.transaction<void>([&]() -> Result<void> {
            auto put = db.prepare("UPDATE t SET v = v + 10000, filler = zeroblob(4001)");
            if (auto done = put.run(); done.has_error()) return done;
            return outcome;
        });
    };

    db.begin_group();
    auto const failed = rewrite(Error(Problem::internal, "on purpose"));
    auto const done = rewrite({});
    REQUIRE(db.end_group().has_value());

    CHECK(failed.error().code == Problem::internal);
    CHECK(done.has_value());
    auto query = db.prepare("SELECT min(v), max(v) FROM t");
    REQUIRE(query.step().value());
    CHECK(query.integer(0) == 10001);
    CHECK(query.integer(1) == 13000);
}

}  // namespace adaos::group_test

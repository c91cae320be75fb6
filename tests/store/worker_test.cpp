#include "store/worker.hpp"

#include <pthread.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <future>
#include <thread>
#include <vector>

namespace adaos::worker_test {

using namespace adaos::store;

namespace {

Database memory() {
    return Database::open(":memory:").value();
}

/// Holds a worker inside a job, so that what is posted after it must wait.
class Hold {
public:
    explicit Hold(Worker& worker) {
        std::promise<void> running;
        auto const is_running = running.get_future();
        REQUIRE(worker.post([&running, released = released_.get_future().share()](Database&) {
            running.set_value();
            released.wait();
        }));
        is_running.wait();
    }
    void release() { released_.set_value(); }

private:
    std::promise<void> released_;
};

}  // namespace

TEST_CASE("a worker's jobs run in order, on one other thread", "[store][worker]") {
    std::vector<int> order;
    std::vector<std::thread::id> threads;
    {
        Worker worker(memory());
        for (int i = 0; i < 1000; ++i)
            REQUIRE(worker.post([&, i](Database&) {
                order.push_back(i);
                threads.push_back(std::this_thread::get_id());
            }));
    }

    REQUIRE(order.size() == 1000);
    CHECK(std::is_sorted(order.begin(), order.end()));
    CHECK(std::count(threads.begin(), threads.end(), threads.front()) == 1000);
    CHECK(threads.front() != std::this_thread::get_id());
}

TEST_CASE("a worker's jobs share its database", "[store][worker]") {
    std::promise<std::int64_t> answer;
    Worker worker(memory());

    REQUIRE(worker.post([](Database& db) {
        if (db.execute("CREATE TABLE t(v); INSERT INTO t VALUES(42)").has_error()) std::abort();
    }));
    REQUIRE(worker.post([&answer](Database& db) {
        auto query = db.prepare("SELECT v FROM t");
        answer.set_value(query.step().value() ? query.integer(0) : -1);
    }));

    CHECK(answer.get_future().get() == 42);
}

TEST_CASE("a worker lets so many jobs wait and no more", "[store][worker]") {
    std::size_t done = 0;
    {
        Worker worker(memory());
        Hold hold(worker);
        for (std::size_t i = 0; i < Worker::max_jobs; ++i)
            REQUIRE(worker.post([&done](Database&) { ++done; }));

        CHECK_FALSE(worker.post([&done](Database&) { ++done; }));
        hold.release();
    }

    CHECK(done == Worker::max_jobs);
}

TEST_CASE("a worker finishes what is queued before it ends, and what that queues",
          "[store][worker]") {
    int done = 0;
    {
        Worker worker(memory());
        Hold hold(worker);
        REQUIRE(worker.post([&](Database&) {
            ++done;
            if (!worker.post([&done](Database&) { ++done; })) std::abort();
        }));
        hold.release();
    }

    CHECK(done == 2);
}

TEST_CASE("a worker's thread leaves signals to the main thread", "[store][worker]") {
    std::promise<bool> blocked;
    Worker worker(memory());

    REQUIRE(worker.post([&blocked](Database&) {
        sigset_t mask;
        pthread_sigmask(SIG_SETMASK, nullptr, &mask);
        blocked.set_value(sigismember(&mask, SIGTERM) == 1);
    }));

    CHECK(blocked.get_future().get());
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    CHECK(sigismember(&mask, SIGTERM) == 0);
}

}  // namespace adaos::worker_test

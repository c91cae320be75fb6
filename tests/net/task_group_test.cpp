#include "net/task_group.hpp"

#include "net/event.hpp"
#include "net/timers.hpp"
#include "support/log_lines.hpp"
#include "support/manual_timers.hpp"
#include "support/run.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>

namespace adaos::task_group_test {

using namespace std::chrono_literals;

namespace {

net::Task<void> set(bool& flag) {
    flag = true;
    co_return;
}

net::Task<void> wait_for(net::Event& event, int& ended) {
    struct Count {
        int& n;
        ~Count() { ++n; }
    } const count{ended};
    for (;;) {
        co_await event.wait();
    }
}

net::Task<void> fail() {
    throw std::runtime_error("out of cheese");
    co_return;
}

net::Task<void> fail_aborted() {
    throw boost::system::system_error(boost::asio::error::operation_aborted);
    co_return;
}

net::Task<void> own_tasks(boost::asio::any_io_executor loop, net::Event& event, int& ended) {
    net::TaskGroup inner(loop, Log());
    inner.spawn(wait_for(event, ended));
    inner.spawn(wait_for(event, ended));
    co_await event.wait();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    co_await inner.stop();
}

net::Task<void> spawn_inside(net::TaskGroup& group, bool& ran, bool& ran_at_once) {
    group.spawn(set(ran));
    ran_at_once = ran;
    co_return;
}

}  // namespace

TEST_CASE("a task group runs what is spawned, but not inside spawn", "[net][tasks]") {
    test::Loop loop;
    net::TaskGroup group(loop.executor(), Log());
    bool ran = false;
    bool ran_at_once = true;

    loop.run(spawn_inside(group, ran, ran_at_once));
    loop.poll();

    CHECK(ran);
    CHECK_FALSE(ran_at_once);
    CHECK(group.size() == 0);
}

TEST_CASE("stop cancels every task and returns when the last has ended", "[net][tasks]") {
    test::Loop loop;
    net::TaskGroup group(loop.executor(), Log());
    net::Event never(loop.executor());
    int ended = 0;
    for (int i = 0; i < 3; ++i) group.spawn(wait_for(never, ended));
    loop.poll();
    REQUIRE(group.size() == 3);

    loop.run(group.stop());

    CHECK(ended == 3);
    CHECK(group.size() == 0);
}

TEST_CASE("stop of an empty group returns at once, and again", "[net][tasks]") {
    test::Loop loop;
    net::TaskGroup group(loop.executor(), Log());

    CHECK_NOTHROW(loop.run(group.stop()));
    CHECK_NOTHROW(loop.run(group.stop()));
}

TEST_CASE("a task spawned and stopped before it could start never starts", "[net][tasks]") {
    test::Loop loop;
    net::TaskGroup group(loop.executor(), Log());
    bool before = false;
    bool after = false;

    group.spawn(set(before));
    group.cancel();
    loop.run(group.stop());
    group.spawn(set(after));
    loop.poll();

    CHECK_FALSE(after);
    CHECK(group.size() == 0);
}

TEST_CASE("two may stop one group at the same time", "[net][tasks]") {
    test::Loop loop;
    net::TaskGroup group(loop.executor(), Log());
    net::Event never(loop.executor());
    int ended = 0;
    group.spawn(wait_for(never, ended));
    loop.poll();

    auto first = loop.start(group.stop());
    auto second = loop.start(group.stop());
    loop.poll();

    CHECK(first.done());
    CHECK(second.done());
}

TEST_CASE("an exception that escapes a task is logged as a bug, a cancellation is not",
          "[net][tasks]") {
    test::Loop loop;
    test::LogLines lines;
    net::TaskGroup group(loop.executor(), lines.log());

    group.spawn(fail());
    group.spawn(fail_aborted());
    loop.poll();

    REQUIRE(lines.lines.size() == 1);
    CHECK(lines.lines[0] == "error bug: a task ended with an exception what=out of cheese");
}

TEST_CASE("a cancelled task can still join the tasks it started", "[net][tasks]") {
    test::Loop loop;
    test::LogLines lines;
    net::TaskGroup group(loop.executor(), lines.log());
    net::Event never(loop.executor());
    int ended = 0;
    group.spawn(own_tasks(loop.executor(), never, ended));
    loop.poll();

    loop.run(group.stop());

    CHECK(ended == 2);
    CHECK(lines.lines.empty());
}

TEST_CASE("a cancelled stop waits for the tasks all the same", "[net][tasks]") {
    test::Loop loop;
    net::TaskGroup outer(loop.executor(), Log());
    net::TaskGroup group(loop.executor(), Log());
    net::Event never(loop.executor());
    int ended = 0;
    group.spawn(wait_for(never, ended));
    loop.poll();

    outer.spawn(group.stop());
    loop.poll();
    loop.run(outer.stop());

    CHECK(group.size() == 0);
}

TEST_CASE("tasks that outlive their loop die with it", "[net][tasks]") {
    int ended = 0;
    {
        test::Loop loop;
        net::TaskGroup group(loop.executor(), Log());
        net::Event never(loop.executor());
        group.spawn(wait_for(never, ended));
        loop.poll();
    }
    CHECK(ended == 1);
}

}  // namespace adaos::task_group_test

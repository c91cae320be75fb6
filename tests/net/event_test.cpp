#include "net/event.hpp"

#include "net/deadline.hpp"
#include "net/timers.hpp"
#include "support/manual_timers.hpp"
#include "support/mem_stream.hpp"
#include "support/run.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <optional>

namespace adaos::event_test {

using namespace std::chrono_literals;

TEST_CASE("notify wakes everyone who waits, once", "[net][event]") {
    test::Loop loop;
    net::Event event(loop.executor());
    auto first = loop.start(event.wait());
    auto second = loop.start(event.wait());
    loop.poll();
    REQUIRE_FALSE(first.done());

    event.notify();
    loop.poll();

    CHECK(first.done());
    CHECK(second.done());
    auto third = loop.start(event.wait());
    loop.poll();
    CHECK_FALSE(third.done());
}

TEST_CASE("a notify with nobody waiting is remembered once", "[net][event]") {
    test::Loop loop;
    net::Event event(loop.executor());

    event.notify();
    event.notify();
    auto first = loop.start(event.wait());
    loop.poll();
    auto second = loop.start(event.wait());
    loop.poll();

    CHECK(first.done());
    CHECK_FALSE(second.done());
}

TEST_CASE("a notify between a wake-up and the next wait is not lost", "[net][event]") {
    test::Loop loop;
    net::Event event(loop.executor());
    auto first = loop.start(event.wait());
    loop.poll();

    event.notify();
    event.notify();  // the waiter is woken, but has not run yet
    loop.poll();
    auto next = loop.start(event.wait());
    loop.poll();

    CHECK(first.done());
    CHECK(next.done());
}

TEST_CASE("a cancelled waiter returns and takes no notify with it", "[net][event]") {
    test::Loop loop;
    net::Event event(loop.executor());
    auto cancelled = loop.start(event.wait());
    auto other = loop.start(event.wait());
    loop.poll();

    cancelled.cancel();
    loop.poll();
    CHECK(cancelled.done());
    CHECK_FALSE(other.done());
    event.notify();
    loop.poll();

    CHECK(other.done());
}

TEST_CASE("an event may go while somebody waits", "[net][event]") {
    test::Loop loop;
    std::optional<net::Event> event(loop.executor());
    auto waiter = loop.start(event->wait());
    loop.poll();

    event.reset();
    loop.poll();

    CHECK(waiter.done());
}

TEST_CASE("sleep lasts as long as asked, to the millisecond", "[net][timers]") {
    test::Loop loop;
    test::ManualTimers timers;
    auto sleeper = loop.start(net::sleep(timers, 100ms));

    loop.advance(timers, 99ms);
    CHECK_FALSE(sleeper.done());
    loop.advance(timers, 1ms);

    CHECK(sleeper.done());
    CHECK(timers.armed() == 0);
}

TEST_CASE("a cancelled sleep returns at once and disarms its timer", "[net][timers]") {
    test::Loop loop;
    test::ManualTimers timers;
    auto sleeper = loop.start(net::sleep(timers, 1h));
    loop.poll();

    sleeper.cancel();
    loop.poll();

    CHECK(sleeper.done());
    CHECK(timers.armed() == 0);
}

TEST_CASE("real timers call in order of time, and not when they are gone", "[net][timers]") {
    test::Loop loop;
    net::AsioTimers timers(loop.executor());
    std::string order;
    net::TimerPtr late;
    late = timers.call_after(2ms, [&] {
        order += "late ";
        late.reset();  // a callback may destroy its own timer
    });
    auto const soon = timers.call_after(1ms, [&] { order += "soon "; });
    auto gone = timers.call_after(0ms, [&] { order += "gone "; });
    gone.reset();

    loop.context().run();

    CHECK(order == "soon late ");
}

TEST_CASE("a deadline that passes aborts the stream and says so", "[net][deadline]") {
    test::Loop loop;
    test::ManualTimers timers;
    auto [ours, theirs] = test::pair();
    std::array<std::byte, 8> buffer{};
    net::Deadline const deadline(timers, *ours, 10s);
    auto read = loop.start(ours->read_some(buffer));

    loop.advance(timers, 9'999ms);
    CHECK_FALSE(read.done());
    CHECK_FALSE(deadline.passed());
    loop.advance(timers, 1ms);

    REQUIRE(read.done());
    CHECK(read.get().error().code == boost::asio::error::operation_aborted);
    CHECK(deadline.passed());
}

TEST_CASE("a deadline that is kept leaves the stream alone", "[net][deadline]") {
    test::Loop loop;
    test::ManualTimers timers;
    test::MemStream stream({"x"});

    { net::Deadline const deadline(timers, stream, 10s); }
    loop.advance(timers, 1h);

    CHECK_FALSE(stream.record()->aborted);
}

}  // namespace adaos::event_test

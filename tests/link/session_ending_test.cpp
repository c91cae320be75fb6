#include "link/session.hpp"

#include "link/mux.hpp"
#include "link/mux_core.hpp"
#include "link/session_talk.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace adaos::session_ending_test {

using namespace adaos::link;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::LinkWorld;

TEST_CASE("a goodbye ends both ends with its code", "[link][session]") {
    LinkWorld world;
    world.connect();
    world.run();

    world.up->end("replaced", "a newer link");
    world.loop.poll();

    REQUIRE(world.up_run->done());
    REQUIRE(world.down_run->done());
    CHECK(world.up_run->get() == Ending{"replaced", "a newer link"});
    CHECK(world.down_run->get() == Ending{"replaced", "a newer link"});
}

TEST_CASE("a goodbye that cannot be said is over within the linger time", "[link][session]") {
    LinkWorld world;
    world.connect();
    world.run();
    world.wire->halves[0].capacity = 0;
    auto const began = world.timers.now();

    world.up->end("draining", "stopping");
    auto const ending = world.loop.wait(*world.up_run, world.timers);

    CHECK(ending.code == "draining");
    CHECK(world.timers.now() - began <= linger_time);
}

TEST_CASE("when the link dies every stream and call fails with link_lost", "[link][session]") {
    LinkWorld world;
    world.connect();
    world.run();  // no on_stream: opened streams are dropped, so use raw ones of the accepter
    SessionHandlers handlers;
    auto const reading = [](Session& session) -> net::Task<Result<std::size_t>> {
        auto opened = co_await session.open();
        auto const stream = std::move(*opened);
        std::array<std::byte, 10> buffer{};
        co_return co_await stream->read_some(buffer);
    };
    auto read = world.loop.start(reading(*world.up));
    auto call = world.loop.start(world.up->call("x", "", seconds(100)));
    world.down->abort();
    world.loop.poll();

    REQUIRE(world.up_run->done());
    auto const ending = world.up_run->get();
    CHECK((ending.code == "carrier_lost" || ending.code == "peer_closed"));
    REQUIRE(read.done());
    REQUIRE(read.get().has_error());
    REQUIRE(call.done());
    CHECK(call.get().error().code == make_error_code(Problem::link_lost));
    auto const late = world.loop.run(world.up->open());
    CHECK(late.error().code == make_error_code(Problem::link_lost));
}

TEST_CASE("a stream may outlive its session", "[link][session]") {
    LinkWorld world;
    world.connect();
    world.run(echoing());
    auto const stream = world.loop.run(world.up->open()).value();
    world.up->abort();
    world.loop.poll();
    REQUIRE(world.up_run->done());
    (void)world.up_run->get();
    world.up.reset();

    std::array<std::byte, 10> buffer{};
    auto const read = world.loop.run(stream->read_some(buffer));
    auto const wrote = world.loop.run(stream->write_all(buffer));

    CHECK(read.error().code == make_error_code(Problem::link_lost));
    CHECK(wrote.error().code == make_error_code(Problem::link_lost));
}

TEST_CASE("a session dropped without being run leaves nothing behind", "[link][session]") {
    LinkWorld world;
    world.connect();

    world.up.reset();
    world.loop.poll();
    world.loop.poll();

    CHECK_FALSE(world.down->alive());
    CHECK(world.timers.armed() <= 1);
}

TEST_CASE("a cancelled owner still gets the end of its session", "[link][session]") {
    LinkWorld world;
    world.connect();
    world.run(echoing());
    auto const stream = world.loop.run(world.up->open()).value();

    world.up_run->cancel();
    world.down_run->cancel();
    world.loop.poll();

    REQUIRE(world.up_run->done());
    REQUIRE(world.down_run->done());
}

}  // namespace adaos::session_ending_test

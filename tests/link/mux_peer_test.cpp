#include "link/mux_core.hpp"

#include "base/problem.hpp"
#include "link/mux_world.hpp"
#include "support/seeded_random.hpp"

#include <catch2/catch.hpp>

#include <deque>

namespace adaos::mux_peer_test {

using namespace adaos::link;
using test::MuxWorld;

TEST_CASE("a peer that resets streams faster than the limit loses its link", "[link][mux]") {
    MuxWorld world;
    world.open_two();

    std::uint64_t resets = 0;
    while (!world.down.core.over() && resets < 3 * reset_burst) {
        auto const id = world.up.core.open();
        if (!id) break;
        world.carry(world.up, world.down);  // the head must be on the wire to be reset
        world.up.core.reset(*id);
        world.carry(world.up, world.down);
        world.carry(world.down, world.up);
        ++resets;
    }

    CHECK(world.down.core.over());
    CHECK(world.up.core.over());
    CHECK(resets >= reset_burst);
}

TEST_CASE("what is no link protocol ends the link", "[link][mux]") {
    auto const wire = GENERATE(std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
                               std::string(64, '\0'), std::string(64, '\xff'));
    for (auto const side : {MuxCore::Side::accepter, MuxCore::Side::dialler}) {
        test::MuxEnd end(side);
        end.core.feed(as_bytes(wire), SteadyTime{});
        Bytes out;
        end.core.output(out, 64 * 1024);
        CHECK(end.core.over());
        CHECK_FALSE(end.core.failure().empty());
    }
}

TEST_CASE("a frame above the limit or of an unknown stream ends the link", "[link][mux]") {
    auto const frame =
        GENERATE(std::string("004001000000000001"),       // DATA of 16385 bytes
                 std::string("00000100000000000961"),     // DATA on a stream never opened
                 std::string("0000040300000000090000008"  // RST_STREAM of an idle stream
                             "0"),
                 std::string("000004080000000001"
                             "00000000"),                 // WINDOW_UPDATE of nothing
                 std::string("0000010504000000010000"));  // PUSH_PROMISE
    MuxWorld world;
    world.open_two();
    auto const bytes = from_hex(frame.size() % 2 == 0 ? frame : frame + "0").value();

    world.up.core.feed(bytes, world.now);
    world.settle();

    CHECK(world.up.core.over());
    CHECK(world.down.core.over());
}

TEST_CASE("a peer that sends beyond its credit loses the link", "[link][mux]") {
    MuxWorld world;
    auto const id = world.open_two();
    world.down.slow = {id};
    Bytes frame = from_hex("004000000000000000").value();
    frame[8] = static_cast<std::byte>(id);
    frame.resize(9 + max_frame_bytes);

    for (int i = 0; i < 4; ++i) world.down.core.feed(frame, world.now);
    Bytes out;
    world.down.core.output(out, 64 * 1024);
    CHECK_FALSE(world.down.core.over());
    CHECK(world.down.streams.at(id).waiting.size() == initial_stream_window);

    world.down.core.feed(frame, world.now);
    world.down.core.output(out, 64 * 1024);
    CHECK(world.down.core.over());
}

TEST_CASE("the control stream's end is the link's end", "[link][mux]") {
    MuxWorld world;
    world.open_two();

    world.up.core.end(control_stream_id);
    world.settle();

    CHECK(world.down.core.over());
}

}  // namespace adaos::mux_peer_test

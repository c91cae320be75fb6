#include "link/mux_core.hpp"

#include "base/problem.hpp"
#include "link/mux_world.hpp"
#include "support/seeded_random.hpp"

#include <catch2/catch.hpp>

#include <deque>

namespace adaos::mux_core_test {

using namespace adaos::link;
using test::MuxWorld;

TEST_CASE("bytes written to a stream come out at the other end in order", "[link][mux]") {
    MuxWorld world;
    auto const id = world.open_two();

    CHECK(world.up.core.write(id, as_bytes("down")) == 4);
    CHECK(world.down.core.write(id, as_bytes("up")) == 2);
    world.settle();

    CHECK(world.down.opened == std::vector<StreamId>{control_stream_id, id});
    CHECK(world.down.streams.at(id).read == "down");
    CHECK(world.up.streams.at(id).read == "up");
}

TEST_CASE("each half of a stream ends by itself, after what was written", "[link][mux]") {
    MuxWorld world;
    auto const id = world.open_two();

    world.up.core.write(id, as_bytes("question"));
    world.up.core.end(id);
    world.settle();
    CHECK(world.down.streams.at(id).ended);
    CHECK(world.up.core.open_streams() == 1);

    world.down.core.write(id, as_bytes("answer"));
    world.down.core.end(id);
    world.settle();

    CHECK(world.up.streams.at(id).read == "answer");
    CHECK(world.up.streams.at(id).ended);
    CHECK_FALSE(world.up.streams.at(id).reset);
    CHECK_FALSE(world.down.streams.at(id).reset);
    CHECK(world.up.core.open_streams() == 0);
    CHECK(world.down.core.open_streams() == 0);
}

TEST_CASE("a link carries at most its cap of streams, the control stream not counted",
          "[link][mux]") {
    MuxLimits limits;
    limits.streams = 3;
    MuxWorld world(limits);
    REQUIRE(world.up.core.open().value() == control_stream_id);
    std::vector<StreamId> ids;
    for (int i = 0; i < 3; ++i) ids.push_back(world.up.core.open().value());

    auto const one_more = world.up.core.open();
    world.settle();

    REQUIRE(one_more.has_error());
    CHECK(one_more.error().code == make_error_code(Problem::relay_busy));
    CHECK(world.down.core.open_streams() == 3);

    world.up.core.reset(ids.front());
    world.settle();
    CHECK(world.down.streams.at(ids.front()).reset);
    CHECK(world.up.core.open().has_value());
}

TEST_CASE("a writer is stopped by the reader's credit and goes on when it reads", "[link][mux]") {
    MuxWorld world;
    auto const id = world.open_two();
    world.down.slow = {id};
    std::string const block(16 * 1024, 'x');
    std::size_t taken = 0;

    for (int i = 0; i < 100; ++i) {
        taken += world.up.core.write(id, as_bytes(block));
        world.settle();
    }

    // One window at the reader, the pending bytes at the writer, and not a byte more.
    CHECK(world.down.streams.at(id).waiting.size() == initial_stream_window);
    CHECK(taken == initial_stream_window + max_pending_bytes);
    CHECK(world.up.core.room(id) == 0);
    CHECK(world.up.streams[id].writable == 0);

    world.down.slow.clear();
    world.settle();
    CHECK(world.down.streams.at(id).read.size() == taken);
    CHECK(world.up.streams[id].writable == 1);
}

TEST_CASE("readers that stand still do not stall another stream", "[link][mux]") {
    MuxWorld world;
    auto const fast = world.open_two();
    std::string const block(max_pending_bytes, 'x');
    std::vector<StreamId> stuck;
    for (std::uint32_t i = 1; i < max_streams_per_link; ++i) {
        auto const id = world.up.core.open().value();
        stuck.push_back(id);
        world.down.slow.insert(id);
    }
    for (int i = 0; i < 3; ++i) {
        for (auto const id : stuck) world.up.core.write(id, as_bytes(block));
        world.settle();
    }
    for (auto const id : stuck)
        REQUIRE(world.down.streams.at(id).waiting.size() == initial_stream_window);

    std::size_t sent = 0;
    for (int i = 0; i < 64; ++i) {
        sent += world.up.core.write(fast, as_bytes(block));
        world.settle();
    }

    CHECK(sent == 64 * max_pending_bytes);
    CHECK(world.down.streams.at(fast).read.size() == sent);
}

TEST_CASE("the control stream is framed before bulk that was there first", "[link][mux]") {
    MuxWorld world;
    auto const a = world.open_two();
    auto const b = world.up.core.open().value();
    world.settle();
    std::string const block(max_pending_bytes, 'x');
    world.up.core.write(a, as_bytes(block));
    world.up.core.write(b, as_bytes(block));
    Bytes first;
    world.up.core.output(first, max_frame_bytes);
    CHECK(first.size() >= max_frame_bytes);
    CHECK(first.size() < 2 * max_frame_bytes);

    world.up.core.write(control_stream_id, as_bytes("ping"));
    Bytes second;
    world.up.core.output(second, max_frame_bytes);

    // The next frame on the wire is DATA of stream 1 with four bytes.
    CHECK(to_hex(std::span(second).first(9)) == "000004000000000001");
    CHECK(as_text(std::span(second).subspan(9, 4)) == "ping");
}

TEST_CASE("bulk streams share the link fairly", "[link][mux]") {
    MuxWorld world;
    std::vector<StreamId> ids{world.open_two()};
    for (int i = 0; i < 3; ++i) ids.push_back(world.up.core.open().value());
    world.settle();
    std::string const block(max_pending_bytes, 'x');

    for (int round = 0; round < 200; ++round) {
        for (auto const id : ids) world.up.core.write(id, as_bytes(block));
        Bytes wire;
        world.up.core.output(wire, 40 * 1024);
        world.down.core.feed(wire, world.now);
        world.down.read_all(world.now);
        world.carry(world.down, world.up);
    }

    std::size_t total = 0;
    for (auto const id : ids) total += world.down.streams.at(id).read.size();
    for (auto const id : ids) {
        auto const share = world.down.streams.at(id).read.size();
        CAPTURE(id, share, total);
        CHECK(share * 4 > total * 8 / 10);
        CHECK(share * 4 < total * 12 / 10);
    }
}

TEST_CASE("control messages pass when bulk used up the credit of the link", "[link][mux]") {
    // A peer of another make with a small link window: streams may take more than the link.
    MuxLimits limits;
    limits.streams = 1;
    limits.stream_window = 64 * 1024;
    limits.growth_pool = 0;
    test::MuxEnd up(MuxCore::Side::accepter);
    test::MuxEnd down(MuxCore::Side::dialler, limits);
    SteadyTime const now{};
    auto const carry = [&](test::MuxEnd& from, test::MuxEnd& to) {
        Bytes wire;
        from.core.output(wire, 1024 * 1024);
        to.core.feed(wire, now);
    };
    (void)up.core.open().value();
    auto const id = up.core.open().value();
    for (int i = 0; i < 3; ++i) {
        carry(up, down);
        carry(down, up);
    }
    // Use up the control stream's share of the link without reading it, then bulk.
    down.slow = {control_stream_id, id};
    std::string const block(max_pending_bytes, 'x');
    up.core.write(control_stream_id, as_bytes(std::string_view(block).substr(0, 60 * 1024)));
    carry(up, down);
    for (int i = 0; i < 4; ++i) {
        up.core.write(id, as_bytes(block));
        carry(up, down);
    }
    auto const bulk = down.streams.at(id).waiting.size();
    CHECK(bulk < initial_stream_window);

    up.core.write(control_stream_id, as_bytes("ping"));
    carry(up, down);

    CHECK(down.streams.at(control_stream_id).waiting.size() == 60 * 1024 + 4);
    CHECK(down.streams.at(id).waiting.size() == bulk);
}

TEST_CASE("a window grows while its reader keeps up, within the pool", "[link][mux]") {
    MuxWorld world;
    auto const id = world.open_two();
    std::string const block(max_pending_bytes, 'x');
    auto const pump = [&](std::size_t bytes, std::chrono::milliseconds pause) {
        for (std::size_t sent = 0; sent < bytes;) {
            sent += world.up.core.write(id, as_bytes(block));
            world.carry(world.up, world.down);
            world.now += pause;
            world.down.read_all(world.now);
            world.carry(world.down, world.up);
        }
    };

    pump(1024 * 1024, std::chrono::milliseconds(600));
    CHECK(world.down.core.window(id) == initial_stream_window);

    pump(64 * 1024 * 1024, std::chrono::milliseconds(1));
    auto const grown = world.down.core.window(id);
    CHECK(grown == 8 * 1024 * 1024);  // half of the pool at most

    world.down.slow = {id};
    for (int i = 0; i < 1000; ++i) {
        world.up.core.write(id, as_bytes(block));
        world.settle();
    }
    // Credit comes back in halves of a window, so up to a half may still be owed.
    CHECK(world.down.streams.at(id).waiting.size() <= grown);
    CHECK(world.down.streams.at(id).waiting.size() > grown / 2);
    CHECK_FALSE(world.down.core.over());
}

TEST_CASE("a released stream still sends what was written before its end", "[link][mux]") {
    MuxWorld world;
    auto const id = world.open_two();
    world.up.core.write(id, as_bytes("last words"));
    world.up.core.end(id);

    world.up.core.release(id);
    world.settle();

    CHECK(world.down.streams.at(id).read == "last words");
    CHECK(world.down.streams.at(id).ended);
    CHECK(world.down.streams.at(id).reset);  // nobody would read an answer
    CHECK(world.up.core.open_streams() == 0);
    CHECK(world.down.core.open_streams() == 0);
}

TEST_CASE("a stream released without an end is reset at once", "[link][mux]") {
    MuxWorld world;
    auto const id = world.open_two();
    world.down.slow = {id};
    world.up.core.write(id, as_bytes("half a message"));
    world.settle();

    world.up.core.release(id);
    world.settle();

    CHECK(world.down.streams.at(id).reset);
    CHECK_FALSE(world.down.streams.at(id).ended);
    CHECK(world.down.core.write(id, as_bytes("x")) == 0);
    CHECK_FALSE(world.up.core.over());
}

TEST_CASE("a stream reset before its head went out leaves no trace", "[link][mux]") {
    MuxWorld world;
    world.open_two();

    auto const id = world.up.core.open().value();
    world.up.core.reset(id);
    world.settle();

    CHECK(world.up.core.open_streams() == 1);
    CHECK(world.down.core.open_streams() == 1);
    CHECK_FALSE(world.up.core.over());
    CHECK_FALSE(world.down.core.over());
}

TEST_CASE("a stream given up twice before its head went out leaves no trace", "[link][mux]") {
    MuxWorld world;
    world.open_two();

    auto const id = world.up.core.open().value();
    world.up.core.reset(id);
    world.up.core.release(id);
    world.up.core.reset(id);
    world.settle();

    CHECK(world.down.core.open_streams() == 1);
    CHECK_FALSE(world.up.core.over());
    CHECK_FALSE(world.down.core.over());
}

TEST_CASE("after go_away no stream is opened and those of now go on", "[link][mux]") {
    MuxWorld world;
    auto const id = world.open_two();

    world.down.core.go_away();
    world.settle();

    CHECK(world.up.core.peer_going());
    auto const refused = world.up.core.open();
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == make_error_code(Problem::link_lost));
    world.up.core.write(id, as_bytes("still here"));
    world.settle();
    CHECK(world.down.streams.at(id).read == "still here");
}

TEST_CASE("everything arrives in order whatever the fragmentation", "[link][mux]") {
    auto const seed = GENERATE(range(1, 21));
    CAPTURE(seed);
    test::SeededRandom random(static_cast<std::uint64_t>(seed));
    MuxWorld world;
    std::vector<StreamId> ids;
    (void)world.up.core.open().value();
    for (int i = 0; i < 12; ++i) ids.push_back(world.up.core.open().value());
    std::map<StreamId, std::string> down;
    std::map<StreamId, std::string> up;
    std::deque<std::byte> wires[2];
    std::string noise(80'000, '\0');
    for (auto& c : noise) c = static_cast<char>(random.below(256));
    auto const some_text = [&] { return noise.substr(random.below(40'000), random.below(40'000)); };

    for (int step = 0; step < 1500; ++step) {
        world.now += std::chrono::milliseconds(random.below(20));
        auto const id = ids[random.below(ids.size())];
        bool const downwards = random.below(2) == 0;
        auto& from = downwards ? world.up : world.down;
        auto& to = downwards ? world.down : world.up;
        auto& wire = wires[downwards ? 0 : 1];
        auto const what = random.below(4);
        if (what == 0) {
            auto const text = some_text();
            auto const n = from.core.write(id, as_bytes(text));
            (downwards ? down : up)[id] += text.substr(0, n);
        } else if (what == 1) {
            Bytes out;
            from.core.output(out, 1 + random.below(100'000));
            wire.insert(wire.end(), out.begin(), out.end());
        } else if (what == 2) {
            Bytes piece;
            for (auto n = random.below(30'000); n > 0 && !wire.empty(); --n) {
                piece.push_back(wire.front());
                wire.pop_front();
            }
            to.core.feed(piece, world.now);
        } else {
            to.read(id, random.below(50'000), world.now);
        }
    }
    for (auto const side : {0, 1}) {
        Bytes const rest(wires[side].begin(), wires[side].end());
        (side == 0 ? world.down : world.up).core.feed(rest, world.now);
    }
    world.settle();

    CHECK_FALSE(world.up.core.over());
    CHECK_FALSE(world.down.core.over());
    for (auto const id : ids) {
        CHECK(world.down.streams[id].read == down[id]);
        CHECK(world.up.streams[id].read == up[id]);
    }
}

}  // namespace adaos::mux_core_test

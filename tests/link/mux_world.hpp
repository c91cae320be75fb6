#pragma once
/// Two mux cores with a wire between them, for the tests and the fuzz target of the core.

#include "link/byte_queue.hpp"
#include "link/mux_core.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace adaos::test {

/// One end: the core, what it told, and what its readers got.
class MuxEnd final : public link::MuxEvents {
public:
    struct Got {
        link::ByteQueue waiting;  ///< received, not read: credit is still owed
        std::string read;
        bool ended = false;
        bool reset = false;
        int writable = 0;
    };

    explicit MuxEnd(link::MuxCore::Side side, link::MuxLimits limits = {})
        : core(side, limits, *this) {}

    void on_opened(link::StreamId id) override { opened.push_back(id); }
    void on_data(link::StreamId id, std::span<std::byte const> bytes) override {
        streams[id].waiting.append(bytes);
    }
    void on_ended(link::StreamId id) override { streams[id].ended = true; }
    void on_reset(link::StreamId id) override { streams[id].reset = true; }
    void on_writable(link::StreamId id) override { ++streams[id].writable; }

    /// Reads up to `most` bytes of a stream, giving the credit back. Returns how many.
    std::size_t read(link::StreamId id, std::size_t most, SteadyTime now) {
        auto& got = streams[id];
        auto const bytes = got.waiting.peek(most);
        auto const n = bytes.size();
        got.read += as_text(bytes);
        got.waiting.drop(n);
        core.consume(id, n, now);
        return n;
    }
    void read_all(SteadyTime now) {
        for (auto& [id, got] : streams)
            if (!slow.contains(id)) read(id, got.waiting.size(), now);
    }

    link::MuxCore core;
    std::vector<link::StreamId> opened;
    std::map<link::StreamId, Got> streams;
    std::set<link::StreamId> slow;  ///< read_all leaves these alone
};

struct MuxWorld {
    explicit MuxWorld(link::MuxLimits limits = {})
        : up(link::MuxCore::Side::accepter, limits), down(link::MuxCore::Side::dialler, limits) {}

    /// Moves bytes both ways, and lets both ends read, until nothing moves.
    void settle() {
        for (;;) {
            up.read_all(now);
            down.read_all(now);
            auto const a = carry(up, down);
            auto const b = carry(down, up);
            if (a + b == 0) break;
        }
    }
    std::size_t carry(MuxEnd& from, MuxEnd& to) {
        Bytes wire;
        from.core.output(wire, 64 * 1024);
        to.core.feed(wire, now);
        return wire.size();
    }
    /// Opens the control stream and one more, which is returned.
    link::StreamId open_two() {
        (void)up.core.open().value();
        auto const id = up.core.open().value();
        settle();
        return id;
    }

    SteadyTime now{std::chrono::hours(1)};
    MuxEnd up;
    MuxEnd down;
};

}  // namespace adaos::test

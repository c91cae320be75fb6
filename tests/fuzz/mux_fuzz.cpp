// Two mux cores, driven by the input: opens, writes, reads, ends, resets, and the wire cut into
// pieces. Bytes must come out in order. In another mode the wire is the fuzzer's own.
#include "link/mux_world.hpp"

#include <cstdint>
#include <cstdlib>
#include <deque>
#include <vector>

using namespace adaos;

namespace {

class Input {
public:
    Input(std::uint8_t const* data, std::size_t size) : data_(data), size_(size) {}
    [[nodiscard]] bool empty() const { return size_ == 0; }
    std::uint8_t byte() {
        if (empty()) return 0;
        --size_;
        return *data_++;
    }
    std::span<std::byte const> rest() {
        return {reinterpret_cast<std::byte const*>(data_), std::exchange(size_, 0)};
    }

private:
    std::uint8_t const* data_;
    std::size_t size_;
};

struct Sent {
    std::string text;
    bool broken = false;  ///< reset by either side: what arrives is a beginning of `text`
};

void garbage(Input& input) {
    test::MuxWorld world;
    world.open_two();
    auto& victim = input.byte() % 2 == 0 ? world.up : world.down;
    victim.core.feed(input.rest(), world.now);
    Bytes out;
    victim.core.output(out, 1024 * 1024);
    victim.read_all(world.now);
    victim.core.output(out, 1024 * 1024);
    if (out.size() > 4 * 1024 * 1024) std::abort();
}

void check(test::MuxEnd& to, std::map<link::StreamId, Sent> const& sent) {
    for (auto const& [id, what] : sent) {
        auto const& got = to.streams[id].read;
        bool const whole = got == what.text;
        bool const beginning = what.text.compare(0, got.size(), got) == 0;
        if (!(what.broken ? beginning : whole)) std::abort();
    }
}

void both_ends(Input& input) {
    test::MuxWorld world;
    std::vector<link::StreamId> ids{world.open_two()};
    std::map<link::StreamId, Sent> sent[2];
    std::deque<std::byte> wires[2];
    char next = 'a';
    while (!input.empty()) {
        auto const op = input.byte();
        std::size_t const side = op & 1;
        auto& from = side == 0 ? world.up : world.down;
        auto& to = side == 0 ? world.down : world.up;
        auto const id = ids[input.byte() % ids.size()];
        auto const amount = std::size_t{input.byte()} * 300;
        world.now += std::chrono::milliseconds(op);
        switch ((op >> 1) % 7) {
            case 0: {
                std::string const text(amount, next = next == 'z' ? 'a' : char(next + 1));
                sent[side][id].text += text.substr(0, from.core.write(id, as_bytes(text)));
                break;
            }
            case 1: {
                Bytes out;
                from.core.output(out, 1 + amount);
                wires[side].insert(wires[side].end(), out.begin(), out.end());
                break;
            }
            case 2: {
                auto const n = static_cast<std::ptrdiff_t>(std::min(amount, wires[side].size()));
                Bytes const piece(wires[side].begin(), wires[side].begin() + n);
                wires[side].erase(wires[side].begin(), wires[side].begin() + n);
                to.core.feed(piece, world.now);
                break;
            }
            case 3: from.read(id, amount, world.now); break;
            case 4:
                if (auto const opened = world.up.core.open()) ids.push_back(*opened);
                break;
            case 5: from.core.end(id); break;
            case 6:
                sent[0][id].broken = sent[1][id].broken = true;
                if (op & 0x80) {
                    from.core.reset(id);
                } else {
                    from.core.release(id);
                }
                break;
        }
    }
    for (auto const side : {0, 1}) {
        Bytes const rest(wires[side].begin(), wires[side].end());
        (side == 0 ? world.down : world.up).core.feed(rest, world.now);
    }
    world.settle();
    if (world.up.core.over() || world.down.core.over()) std::abort();
    check(world.down, sent[0]);
    check(world.up, sent[1]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    Input input(data, size);
    if (input.byte() % 4 == 0) {
        garbage(input);
    } else {
        both_ends(input);
    }
    return 0;
}

#pragma once
/// The same bytes for the same seed, on every machine.

#include "base/random.hpp"

namespace adaos::test {

class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed = 1) : state_(seed) {}

    void fill(std::span<std::byte> out) override {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (i % 8 == 0) word = next();
            out[i] = static_cast<std::byte>(word & 0xff);
            word >>= 8;
        }
    }

private:
    std::uint64_t next() {  // splitmix64
        state_ += 0x9e3779b97f4a7c15U;
        auto z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    std::uint64_t state_;
};

}  // namespace adaos::test

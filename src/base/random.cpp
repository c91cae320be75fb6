#include "base/random.hpp"

#include "base/bytes.hpp"

#include <openssl/rand.h>

#include <array>
#include <cstdlib>
#include <vector>

namespace adaos {

std::uint64_t Random::below(std::uint64_t bound) {
    // Values from `limit` on would favour the small results; they are thrown away.
    auto const limit = UINT64_MAX - UINT64_MAX % bound;
    for (;;) {
        std::array<std::byte, 8> raw{};
        fill(raw);
        std::uint64_t value = 0;
        for (auto const b : raw) value = value << 8 | static_cast<std::uint64_t>(b);
        if (value < limit) return value % bound;
    }
}

std::string Random::hex(std::size_t bytes) {
    std::vector<std::byte> raw(bytes);
    fill(raw);
    return to_hex(raw);
}

std::string Random::uuid() {
    std::array<std::byte, 16> raw{};
    fill(raw);
    raw[6] = (raw[6] & std::byte{0x0f}) | std::byte{0x40};
    raw[8] = (raw[8] & std::byte{0x3f}) | std::byte{0x80};
    auto const h = to_hex(raw);
    return h.substr(0, 8) + '-' + h.substr(8, 4) + '-' + h.substr(12, 4) + '-' + h.substr(16, 4) +
           '-' + h.substr(20);
}

void SystemRandom::fill(std::span<std::byte> out) {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) != 1)
        std::abort();
}

}  // namespace adaos

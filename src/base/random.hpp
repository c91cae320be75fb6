#pragma once
/// Randomness comes in through here, so that a whole world can run from one seed.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace adaos {

class Random {
public:
    virtual ~Random() = default;
    /// Fills `out`. The system's implementation is cryptographic and never fails (it ends the
    /// process when the kernel gives none).
    virtual void fill(std::span<std::byte> out) = 0;

    /// Uniform in [0, bound); `bound` >= 1. Without modulo bias.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
    /// `bytes` random bytes as lower-case hex.
    [[nodiscard]] std::string hex(std::size_t bytes);
    /// RFC 9562 version 4, lower case.
    [[nodiscard]] std::string uuid();
};

class SystemRandom final : public Random {
public:
    void fill(std::span<std::byte> out) override;
};

}  // namespace adaos

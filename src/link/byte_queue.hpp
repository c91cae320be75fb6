#pragma once
/// Bytes in at one end, out at the other; holds no memory while empty.

#include "base/bytes.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace adaos::link {

class ByteQueue {
public:
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() - head_; }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    void append(std::span<std::byte const> more) {
        // Moving what is left costs no more than what was taken out: amortised constant.
        if (head_ > 0 && head_ >= size()) {
            bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
            head_ = 0;
        }
        bytes_.insert(bytes_.end(), more.begin(), more.end());
    }

    /// The first `n` bytes (at most size()), valid until the next change.
    [[nodiscard]] std::span<std::byte const> peek(std::size_t n) const noexcept {
        return std::span(bytes_).subspan(head_, std::min(n, size()));
    }

    void drop(std::size_t n) noexcept {
        head_ += std::min(n, size());
        if (head_ == bytes_.size()) clear();
    }

    /// Moves up to `into.size()` bytes out; returns how many.
    std::size_t take(std::span<std::byte> into) noexcept {
        auto const from = peek(into.size());
        std::copy(from.begin(), from.end(), into.begin());
        auto const taken = from.size();
        drop(taken);
        return taken;
    }

    void clear() noexcept {
        Bytes().swap(bytes_);
        head_ = 0;
    }

private:
    Bytes bytes_;
    std::size_t head_ = 0;
};

}  // namespace adaos::link

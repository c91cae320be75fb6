#include "net/prefixed_stream.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

namespace adaos::net {
namespace {

class PrefixedStream final : public ByteStream {
public:
    PrefixedStream(Bytes first, StreamPtr below)
        : first_(std::move(first)), below_(std::move(below)) {}

    // No coroutine of their own: what is below is awaited directly.
    Task<Result<std::size_t>> read_some(std::span<std::byte> into) override {
        return first_.empty() ? below_->read_some(into) : read_first(into);
    }
    Task<Result<void>> write_all(std::span<std::byte const> from) override {
        return below_->write_all(from);
    }
    Task<Result<void>> shutdown_write() override { return below_->shutdown_write(); }
    Task<void> close() override {
        forget();
        return below_->close();
    }
    void abort() noexcept override {
        forget();
        below_->abort();
    }

private:
    Task<Result<std::size_t>> read_first(std::span<std::byte> into) {
        // An abort between the call and its first step: only what is below knows the right error.
        if (first_.empty()) co_return co_await below_->read_some(into);
        auto const n = std::min(into.size(), first_.size() - taken_);
        std::copy_n(first_.begin() + static_cast<std::ptrdiff_t>(taken_), n, into.begin());
        taken_ += n;
        if (taken_ == first_.size()) forget();
        co_return n;
    }
    /// Frees the memory, too: streams live long.
    void forget() noexcept {
        Bytes().swap(first_);
        taken_ = 0;
    }

    Bytes first_;
    std::size_t taken_ = 0;
    StreamPtr below_;
};

}  // namespace

StreamPtr make_prefixed(Bytes first, StreamPtr below) {
    if (first.empty()) return below;
    return std::make_unique<PrefixedStream>(std::move(first), std::move(below));
}

}  // namespace adaos::net

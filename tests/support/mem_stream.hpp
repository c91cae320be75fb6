#pragma once
/// Streams in memory: `MemStream` reads from a script and records; `pair()` is a whole connection.

#include "base/bytes.hpp"
#include "net/byte_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace adaos::test {

inline std::string_view text(std::span<std::byte const> bytes) {
    return as_text(bytes);
}

/// What a MemStream saw; outlives it when the test keeps `record()`.
struct MemRecord {
    std::string written;
    std::size_t writes = 0;
    std::size_t reads = 0;
    bool shut_down = false;
    bool closed = false;
    bool aborted = false;
};

/// A scripted stream: each read returns (part of) the next chunk, then `end` for ever. Writes are
/// recorded, and fail once `fail_writes_after` of them were made. Nothing in it ever waits.
class MemStream final : public net::ByteStream {
public:
    explicit MemStream(std::deque<std::string> chunks,
                       Error end = Error(boost::asio::error::eof, "mem"))
        : chunks_(std::move(chunks)), end_(std::move(end)) {}

    net::Task<Result<std::size_t>> read_some(std::span<std::byte> into) override {
        ++record_->reads;
        if (record_->aborted) co_return Error(boost::asio::error::operation_aborted, "mem");
        while (!chunks_.empty() && chunks_.front().empty()) chunks_.pop_front();
        if (chunks_.empty()) co_return end_;
        auto& chunk = chunks_.front();
        auto const n = std::min(into.size(), chunk.size());
        std::memcpy(into.data(), chunk.data(), n);
        chunk.erase(0, n);
        co_return n;
    }

    net::Task<Result<void>> write_all(std::span<std::byte const> from) override {
        if (record_->aborted) co_return Error(boost::asio::error::operation_aborted, "mem");
        if (record_->shut_down || record_->writes >= fail_writes_after)
            co_return Error(boost::asio::error::broken_pipe, "mem");
        ++record_->writes;
        record_->written.append(as_text(from));
        co_return Result<void>();
    }

    net::Task<Result<void>> shutdown_write() override {
        record_->shut_down = true;
        co_return Result<void>();
    }
    net::Task<void> close() override {
        record_->shut_down = record_->closed = true;
        co_return;
    }
    void abort() noexcept override { record_->aborted = true; }

    [[nodiscard]] std::string const& written() const noexcept { return record_->written; }
    [[nodiscard]] std::shared_ptr<MemRecord const> record() const { return record_; }

    std::size_t fail_writes_after = SIZE_MAX;

private:
    std::deque<std::string> chunks_;
    Error end_;
    std::shared_ptr<MemRecord> record_ = std::make_shared<MemRecord>();
};

/// Waits until somebody cancels the timer at `place`. False when the task itself was cancelled. The
/// timer lives in this frame: things in memory know no loop.
inline net::Task<bool> mem_wait(boost::asio::steady_timer*& place) {
    auto const loop = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(loop, boost::asio::steady_timer::time_point::max());
    struct Guard {
        boost::asio::steady_timer*& place;
        ~Guard() { place = nullptr; }
    } const guard{place};
    place = &timer;
    auto const token = boost::asio::as_tuple(boost::asio::use_awaitable);
    co_await timer.async_wait(token);
    auto const state = co_await boost::asio::this_coro::cancellation_state;
    co_return state.cancelled() == boost::asio::cancellation_type::none;
}

/// One direction of a connection in memory.
struct MemHalf {
    explicit MemHalf(std::size_t most) : capacity(most) {}
    std::size_t capacity;
    std::string buffer;
    std::size_t carried = 0;  ///< bytes written so far
    std::size_t writes = 0;   ///< write_all calls so far
    bool fin = false;         ///< the writer ended it
    bool deaf = false;        ///< the reader is gone: writes fail
    boost::asio::steady_timer* reader = nullptr;
    boost::asio::steady_timer* writer = nullptr;

    void wake() {
        if (reader != nullptr) reader->cancel();
        if (writer != nullptr) writer->cancel();
    }
};

/// One end of `pair()`.
class MemPipe final : public net::ByteStream {
public:
    struct Link {
        explicit Link(std::size_t capacity) : halves{MemHalf(capacity), MemHalf(capacity)} {}
        MemHalf halves[2];
        bool aborted[2] = {false, false};
        bool is_cut = false;
        bool is_silent = false;
        /// As if a firewall had reset it: both ends see connection_reset, what is buffered is lost.
        void cut() {
            is_cut = true;
            for (auto& half : halves) half.wake();
        }
        /// As if a cable were unplugged: what is written goes nowhere, and nobody is told anything.
        void silence() { is_silent = true; }
    };

    MemPipe(std::shared_ptr<Link> link, std::size_t side) : link_(std::move(link)), side_(side) {}
    ~MemPipe() override { end(); }
    MemPipe(MemPipe const&) = delete;
    MemPipe& operator=(MemPipe const&) = delete;

    net::Task<Result<std::size_t>> read_some(std::span<std::byte> into) override {
        auto const link = link_;
        auto& half = link->halves[1 - side_];
        for (;;) {
            if (auto const ec = broken()) co_return Error(ec, "mem");
            if (half.deaf) co_return Error(boost::asio::error::operation_aborted, "mem");
            if (!link->is_silent && !half.buffer.empty()) {
                auto const n = std::min(into.size(), half.buffer.size());
                std::memcpy(into.data(), half.buffer.data(), n);
                half.buffer.erase(0, n);
                half.wake();
                co_return n;
            }
            if (!link->is_silent && half.fin) co_return Error(boost::asio::error::eof, "mem");
            bool const went_on = co_await mem_wait(half.reader);
            if (!went_on) co_return Error(boost::asio::error::operation_aborted, "mem");
        }
    }

    net::Task<Result<void>> write_all(std::span<std::byte const> from) override {
        auto const link = link_;
        auto& half = link->halves[side_];
        ++half.writes;
        for (;;) {
            if (auto const ec = broken()) co_return Error(ec, "mem");
            if (half.fin) co_return Error(boost::asio::error::broken_pipe, "mem");
            if (link->is_silent) co_return Result<void>();
            if (half.deaf) co_return Error(boost::asio::error::connection_reset, "mem");
            auto const n = std::min(from.size(), half.capacity - half.buffer.size());
            half.buffer.append(as_text(from.first(n)));
            half.carried += n;
            from = from.subspan(n);
            if (n > 0) half.wake();
            if (from.empty()) co_return Result<void>();
            bool const went_on = co_await mem_wait(half.writer);
            if (!went_on) co_return Error(boost::asio::error::operation_aborted, "mem");
        }
    }

    net::Task<Result<void>> shutdown_write() override {
        link_->halves[side_].fin = true;
        link_->halves[side_].wake();
        co_return Result<void>();
    }
    net::Task<void> close() override {
        end();
        co_return;
    }
    void abort() noexcept override {
        link_->aborted[side_] = true;
        for (auto& half : link_->halves) half.wake();
    }

    [[nodiscard]] std::shared_ptr<Link> link() const { return link_; }

private:
    boost::system::error_code broken() const {
        if (link_->aborted[side_]) return boost::asio::error::operation_aborted;
        if (link_->is_cut || (link_->aborted[1 - side_] && !link_->is_silent))
            return boost::asio::error::connection_reset;
        return {};
    }

    void end() {
        link_->halves[side_].fin = true;
        link_->halves[1 - side_].deaf = true;
        for (auto& half : link_->halves) half.wake();
    }

    std::shared_ptr<Link> link_;  // both ends
    std::size_t side_;
};

/// Two ends of one connection. Each direction buffers at most `capacity` bytes.
inline std::pair<net::StreamPtr, net::StreamPtr> pair(std::size_t capacity = 64 * 1024) {
    auto const link = std::make_shared<MemPipe::Link>(capacity);
    return {std::make_unique<MemPipe>(link, 0), std::make_unique<MemPipe>(link, 1)};
}

}  // namespace adaos::test

#include "net/ws_stream.hpp"

#include "base/bytes.hpp"
#include "net/event.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace adaos::net {
namespace {

/// What an idle connection keeps, and what a busy one reads into.
constexpr std::size_t small_room = 2 * 1024;
constexpr std::size_t large_room = 16 * 1024;

class WsStream final : public ByteStream {
public:
    WsStream(StreamPtr below, WsCodec::Role role, boost::asio::any_io_executor loop)
        : below_(std::move(below)), codec_(role), written_(std::move(loop)) {}

    Task<Result<std::size_t>> read_some(std::span<std::byte> into) override;
    Task<Result<void>> write_all(std::span<std::byte const> from) override;
    Task<Result<void>> shutdown_write() override;
    Task<void> close() override;
    void abort() noexcept override { below_->abort(); }

private:
    /// The turn to write: the writer's, or the reader's for a control frame.
    class Turn {
    public:
        explicit Turn(WsStream& stream) : stream_(stream) { stream_.writing_ = true; }
        ~Turn() {
            stream_.writing_ = false;
            stream_.written_.notify();
        }
        Turn(Turn const&) = delete;
        Turn& operator=(Turn const&) = delete;

    private:
        WsStream& stream_;
    };

    std::size_t hand_out(std::span<std::byte> into);
    Task<Result<void>> fill();
    Task<Result<void>> decode();
    Task<void> fail(Error why);
    Task<void> send_control(std::string frame);
    Task<Result<void>> send(std::string frame);
    Task<Result<void>> write_now(std::string frame);

    StreamPtr below_;
    WsCodec codec_;
    Bytes buffer_;
    std::span<std::byte> rest_;  ///< of buffer_: read, not decoded
    std::size_t handed_ = 0;     ///< of the codec's payload
    std::optional<Error> over_;  ///< why reading ended
    bool close_sent_ = false;
    bool writing_ = false;
    std::string
        pending_;  ///< a control frame that waits for the writer to finish; the last one wins
    Event written_;
};

std::size_t WsStream::hand_out(std::span<std::byte> into) {
    auto& payload = codec_.payload();
    auto const n = std::min(into.size(), payload.size() - handed_);
    if (n == 0) return 0;
    std::memcpy(into.data(), payload.data() + handed_, n);
    handed_ += n;
    if (handed_ == payload.size()) {
        std::string().swap(payload);  // idle connections hold nothing
        handed_ = 0;
    }
    return n;
}

Task<Result<std::size_t>> WsStream::read_some(std::span<std::byte> into) {
    for (;;) {
        auto const n = hand_out(into);
        if (n > 0) co_return n;
        if (over_) co_return *over_;
        if (rest_.empty()) {
            auto const filled = co_await fill();
            if (!filled) co_return filled.error();
        }
        auto const decoded = co_await decode();
        if (!decoded) co_return decoded.error();
    }
}

Task<Result<void>> WsStream::fill() {
    // Follows the traffic: a read that fills the small buffer wants the large one.
    if (buffer_.empty()) buffer_.resize(small_room);
    auto const got = co_await below_->read_some(buffer_);
    if (!got) {
        over_ = got.error();
        if (got.error().code == boost::asio::error::eof)
            over_ = Error(boost::asio::error::connection_reset,
                          "WebSocket: ended without a close frame");
        co_return *over_;
    }
    rest_ = std::span(buffer_).first(*got);
    co_return Result<void>();
}

Task<Result<void>> WsStream::decode() {
    auto const used = codec_.put(rest_);
    if (!used) {
        co_await fail(used.error());
        co_return Result<void>();  // what was decoded before is handed out first
    }
    rest_ = rest_.subspan(*used);
    auto const ping = codec_.take_ping();
    if (ping && !close_sent_) {
        co_await send_control(codec_.pong_frame(*ping));
    }
    if (codec_.closed()) {
        over_ = Error(boost::asio::error::eof, "WebSocket");
        rest_ = {};
    }
    if (rest_.empty() && !over_) {
        auto const room = buffer_.size();
        bool const full = codec_.payload().size() + 64 >= room;
        if (full && room < large_room) Bytes(large_room).swap(buffer_);
        if (codec_.payload().size() < small_room / 2 && room > small_room) Bytes().swap(buffer_);
    }
    co_return Result<void>();
}

Task<void> WsStream::fail(Error why) {
    over_ = std::move(why);
    rest_ = {};
    if (!close_sent_) {
        auto frame = codec_.close_frame(codec_.failure());
        close_sent_ = true;
        co_await send_control(std::move(frame));
    }
}

/// From the reader: now, or after what the writer is writing. A failure shows at the writer's next
/// write, and at our next read.
Task<void> WsStream::send_control(std::string frame) {
    if (writing_) {
        pending_ = std::move(frame);
        co_return;
    }
    Turn const turn(*this);
    (void)co_await write_now(std::move(frame));
}

/// The caller has the turn.
Task<Result<void>> WsStream::write_now(std::string frame) {
    auto sent = co_await below_->write_all(as_bytes(frame));
    while (sent && !pending_.empty()) {
        frame = std::exchange(pending_, std::string());
        sent = co_await below_->write_all(as_bytes(frame));
    }
    co_return sent;
}

Task<Result<void>> WsStream::send(std::string frame) {
    Turn const turn(*this);
    co_return co_await write_now(std::move(frame));
}

Task<Result<void>> WsStream::write_all(std::span<std::byte const> from) {
    while (!from.empty()) {
        while (writing_) {
            co_await written_.wait();
        }
        if (close_sent_) co_return Error(boost::asio::error::broken_pipe, "WebSocket");
        auto const piece = from.first(std::min(from.size(), max_ws_frame));
        auto frame = codec_.data_frame(piece);
        auto const sent = co_await send(std::move(frame));
        if (!sent) co_return sent;
        from = from.subspan(piece.size());
    }
    co_return Result<void>();
}

Task<Result<void>> WsStream::shutdown_write() {
    while (writing_) {
        co_await written_.wait();
    }
    if (close_sent_) co_return Result<void>();
    close_sent_ = true;
    auto frame = codec_.close_frame(WsClose::normal);
    co_return co_await send(std::move(frame));
}

Task<void> WsStream::close() {
    (void)co_await shutdown_write();
    co_await below_->close();
}

}  // namespace

StreamPtr make_ws_stream(StreamPtr below, WsCodec::Role role, boost::asio::any_io_executor loop) {
    return std::make_unique<WsStream>(std::move(below), role, std::move(loop));
}

}  // namespace adaos::net

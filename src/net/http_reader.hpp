#pragma once
/// Reads messages from a stream, head and body: one parser, one buffer. Internal to net; the
/// server's and the client's sides are both made of it.

#include "base/bytes.hpp"
#include "net/byte_stream.hpp"
#include "net/http_codec.hpp"
#include "net/http_session.hpp"

namespace adaos::net {

class MessageReader final : public BodyReader {
public:
    MessageReader(ByteStream& stream, HttpParser::Role role) : stream_(stream), parser_(role) {}

    enum class Head { none, partial, complete };
    /// Parses what is there and, if the head is still not complete, reads once and parses again.
    /// Head::none: the peer ended the stream between two messages. Errors: HttpErrc, the stream's.
    Task<Result<Head>> step_head();

    Task<Result<std::size_t>> read_some(std::span<std::byte> into) override;
    [[nodiscard]] Fields const& trailers() const override { return parser_.trailers(); }
    [[nodiscard]] bool ready() override;

    [[nodiscard]] HttpParser& parser() noexcept { return parser_; }
    [[nodiscard]] HttpParser const& parser() const noexcept { return parser_; }
    /// Bytes that came after the message are here, or a read of the body failed or was cancelled
    /// half way, so that nobody knows where the next message begins.
    [[nodiscard]] bool has_rest() const noexcept { return !rest_.empty(); }
    [[nodiscard]] bool broken() const noexcept { return broken_ || reading_; }
    [[nodiscard]] Bytes take_rest();
    /// Ready for the next message; the one before is done.
    void next();

private:
    Task<Result<std::size_t>> fill(std::size_t room);
    Task<Result<std::size_t>> read_straight(std::span<std::byte> into);
    Result<std::size_t> take(std::span<std::byte> into);
    Result<void> decode();
    Error broke(Error error) {
        broken_ = true;
        return error;
    }

    ByteStream& stream_;
    HttpParser parser_;
    Bytes buffer_;
    std::span<std::byte const> rest_;     ///< of buffer_: read, not parsed
    std::span<std::byte const> decoded_;  ///< of buffer_: body, not handed out
    std::uint64_t passed_ = 0;            ///< body bytes decoded so far
    bool reading_ = false;
    bool broken_ = false;
};

}  // namespace adaos::net

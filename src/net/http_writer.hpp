#pragma once
/// Writes messages to a stream and keeps them true to their framing. Internal to net.

#include "net/byte_stream.hpp"
#include "net/http_codec.hpp"

namespace adaos::net {

class MessageWriter {
public:
    explicit MessageWriter(ByteStream& stream) : stream_(stream) {}

    /// May a body follow the head on the wire? Not for HEAD, 204, 304, whatever the framing says.
    enum class Body { allowed, none };

    /// Sends `head` (serialised with `framing`) and, in the same write, `first` of the body.
    Task<Result<void>> start(std::string head, Framing framing, Body body,
                             std::span<std::byte const> first);
    /// More of the body. Errors: body_mismatch past the declared length; the stream's.
    Task<Result<void>> write(std::span<std::byte const> bytes);
    /// Ends the body. Errors: body_mismatch before the declared length; the stream's.
    Task<Result<void>> finish(Fields trailers);

    /// Forgets the message; the next one is not complete before it is sent.
    void next() noexcept { started_ = false; }
    /// The whole message went out.
    [[nodiscard]] bool complete() const noexcept;

private:
    /// Appends `bytes` to `out` as they look on the wire.
    void append(std::string& out, std::span<std::byte const> bytes) const;
    bool account(std::size_t size) noexcept;
    Task<Result<void>> send(std::span<std::byte const> bytes);

    ByteStream& stream_;
    Framing framing_;
    Body body_ = Body::allowed;
    std::uint64_t left_ = 0;
    bool started_ = false, finished_ = false, failed_ = false;
};

}  // namespace adaos::net

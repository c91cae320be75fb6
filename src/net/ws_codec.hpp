#pragma once
/// WebSocket frames without I/O (RFC 6455): websocketpp's hybi13 processor, in ws_codec.cpp alone.
/// Payload comes out as it arrives: nothing is held back until a message is complete.

#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace adaos::net {

/// Largest message accepted, over all its frames.
inline constexpr std::size_t max_ws_message = 1024 * 1024;
/// Largest payload of the frames we send.
inline constexpr std::size_t max_ws_frame = 64 * 1024;

/// Close codes we send (RFC 6455, 7.4.1).
enum class WsClose : std::uint16_t {
    normal = 1000,
    protocol_error = 1002,
    unsupported = 1003,  ///< a text message
    too_big = 1009,
};

class WsCodec {
public:
    enum class Role { server, client };
    explicit WsCodec(Role role);
    WsCodec(WsCodec&&) noexcept;
    WsCodec& operator=(WsCodec&&) noexcept;
    ~WsCodec();

    /// Takes bytes, which it uses as scratch space; returns how many were consumed: all, or up to
    /// the end of a ping or close frame. Errors: errc::protocol_error; `failure()` says what to
    /// close with, and nothing more can be put.
    Result<std::size_t> put(std::span<std::byte> bytes);
    /// Binary payload decoded so far. The caller takes it out.
    [[nodiscard]] std::string& payload() noexcept;
    /// The payload of a ping that `put` stopped at; once.
    [[nodiscard]] std::optional<std::string> take_ping();
    /// The peer's valid close frame came; nothing after it counts.
    [[nodiscard]] bool closed() const noexcept;
    [[nodiscard]] WsClose failure() const noexcept;

    /// A whole binary message in one frame; `payload` is at most `max_ws_frame`.
    [[nodiscard]] std::string data_frame(std::span<std::byte const> payload) const;
    [[nodiscard]] std::string pong_frame(std::string const& payload) const;
    [[nodiscard]] std::string close_frame(WsClose code) const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
[[nodiscard]] std::string ws_accept_key(std::string_view key);

}  // namespace adaos::net

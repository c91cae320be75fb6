#pragma once
/// HTTP/1.1 without I/O: strict parsing of heads and bodies, and their serialisation.
/// Beast's parsers do the work, in http_codec.cpp alone. Everything ambiguous is an error
/// (threats 37-40): CL with TE, repeated or odd lengths, any transfer coding but exactly `chunked`,
/// obsolete folding, bare CR or LF, control bytes, absolute-form, HTTP/1.0 with TE, CONNECT, TRACE.

#include "base/error.hpp"
#include "net/http_message.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace adaos::net {

/// Largest head accepted, start line and fields, in bytes. nginx: 4 x 8 KiB.
inline constexpr std::size_t max_head_bytes = 32 * 1024;
inline constexpr std::size_t max_head_fields = 128;

enum class HttpErrc {
    bad_message = 1,  ///< 400: not HTTP, or ambiguous
    head_too_large,   ///< 431
    unsupported,      ///< 501: a transfer coding or method we refuse
    partial_message,  ///< the stream ended inside a message
    body_mismatch,    ///< our own side wrote more or less than the declared length
};
boost::system::error_code make_error_code(HttpErrc e) noexcept;

/// Parses one message at a time, fed in any chunking. After `done()` call `next()`.
class HttpParser {
public:
    enum class Role { request, response };
    explicit HttpParser(Role role);
    HttpParser(HttpParser&&) noexcept;
    HttpParser& operator=(HttpParser&&) noexcept;
    ~HttpParser();

    /// For a response parser, before its head: the request was HEAD (no body follows), or CONNECT.
    void expect_no_body();

    /// Takes bytes; returns how many were consumed (may be fewer: the head is complete, a piece of
    /// body was found, or the message is complete). That piece is in `body()` afterwards.
    /// Errors: HttpErrc; the parser is dead then.
    Result<std::size_t> put(std::span<std::byte const> bytes);
    /// The stream ended. Errors: partial_message unless this is a legal end.
    Result<void> put_eof();

    [[nodiscard]] bool started() const noexcept;  ///< any byte of this message was seen
    [[nodiscard]] bool head_done() const noexcept;
    [[nodiscard]] bool done() const noexcept;
    /// Valid once head_done(), until next(). Moves the head out (call once).
    [[nodiscard]] RequestHead take_request();
    [[nodiscard]] ResponseHead take_response();
    /// As declared; a HEAD's or 304's answer may declare a length although no body follows.
    [[nodiscard]] Framing framing() const noexcept;
    /// 10 or 11, valid once head_done().
    [[nodiscard]] unsigned version() const noexcept;
    /// The peer wants the connection kept after this message.
    [[nodiscard]] bool keep_alive() const noexcept;
    /// Decoded body bytes of the last `put`, at most 16 KiB: a part of what was given to it. Valid
    /// until the next call.
    [[nodiscard]] std::span<std::byte const> body() const noexcept;
    /// Trailer fields, once done().
    [[nodiscard]] Fields const& trailers() const noexcept;
    /// Ready for the next message of the same connection.
    void next();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// The head as bytes. Writes exactly the given fields plus, from `framing`, Content-Length or
/// Transfer-Encoding (fields of these names in `head` are ignored). Errors: bad_message when a
/// field holds CR, LF, NUL or another control byte, or a name is no token.
[[nodiscard]] Result<std::string> serialize(RequestHead const& head, Framing framing);
[[nodiscard]] Result<std::string> serialize(ResponseHead const& head, Framing framing);
/// "<hex>\r\n" before `size` bytes, which "\r\n" must follow.
[[nodiscard]] std::string chunk_prefix(std::size_t size);
/// "0\r\n" trailers "\r\n".
[[nodiscard]] std::string last_chunk(Fields const& trailers);

}  // namespace adaos::net

template <>
struct boost::system::is_error_code_enum<adaos::net::HttpErrc> : std::true_type {};

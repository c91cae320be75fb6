#pragma once
/// Speaks HTTP/1.1 to the other end of a ByteStream, one exchange after another.

#include "net/byte_stream.hpp"
#include "net/http_codec.hpp"
#include "net/http_message.hpp"
#include "net/http_session.hpp"

namespace adaos::net {

/// Writing the request and reading the answer may overlap (two coroutines: one calls the write
/// functions, the other the read functions). No timers: the owner aborts (see Deadline).
class HttpClient {
public:
    explicit HttpClient(StreamPtr stream);
    ~HttpClient();
    HttpClient(HttpClient const&) = delete;

    // Writing half.
    Task<Result<void>> send_head(RequestHead head, Framing framing);
    Task<Result<void>> send_body(std::span<std::byte const> bytes);
    Task<Result<void>> finish(Fields trailers);

    /// A small request as a whole, in one write: head (a length is added when there is a body, or
    /// the method wants one), body and end.
    Task<Result<void>> send(RequestHead head, std::string body);

    // Reading half.
    /// The next head; 1xx heads (but 101) come one by one before the final one. Errors: HttpErrc,
    /// the stream's; asio eof when the peer closed before the first byte (a reused connection was
    /// stale).
    Task<Result<ResponseHead>> read_head();
    /// Framing and body of the final head.
    [[nodiscard]] Framing response_framing() const;
    [[nodiscard]] BodyReader& body();

    /// True when both halves of the exchange are complete and the peer keeps the connection.
    [[nodiscard]] bool reusable() const;
    /// After a 101: the raw connection, bytes already read first. The client is empty then.
    [[nodiscard]] StreamPtr take_stream();
    void abort() noexcept;

private:
    Task<Result<void>> start(RequestHead head, Framing framing, std::span<std::byte const> first);
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

struct Url {
    std::string scheme;  ///< http or https
    std::string host;    ///< IPv6 without brackets
    std::uint16_t port = 0;
    std::string path;                             ///< starts with '/'; query included; no fragment
    [[nodiscard]] std::string origin() const;     ///< scheme://host[:port], default ports left out
    [[nodiscard]] std::string authority() const;  ///< what goes into Host
};
/// http and https only, no user part. Errors: Problem::invalid_field with the offending text.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

}  // namespace adaos::net

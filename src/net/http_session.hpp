#pragma once
/// Serves HTTP/1.1 on a ByteStream: a socket, a TLS session, or a stream inside a link.

#include "base/log.hpp"
#include "net/byte_stream.hpp"
#include "net/http_codec.hpp"
#include "net/http_message.hpp"
#include "net/timers.hpp"

#include <chrono>
#include <memory>

namespace adaos::pki {
class Certificate;
}

namespace adaos::net {

/// Where a request came from, as the connection tells it; never taken from a header.
struct Peer {
    enum class Via {
        socket,  ///< accepted from the network or loopback
        link,    ///< relayed to us by our upstream, down the link
    };
    Via via = Via::socket;
    std::string address;    ///< of the socket's other end; empty on a link
    bool loopback = false;  ///< socket and a loopback address
    bool tls = false;
    /// Verified, of a client that showed one to an HTTPS server that asks
    /// (TlsContext::make_server).
    std::shared_ptr<pki::Certificate const> certificate;
};

/// The receiving side of a body.
class BodyReader {
public:
    virtual ~BodyReader() = default;
    /// Up to `into.size()` decoded bytes; 0 at the end. Errors: HttpErrc, or the stream's.
    virtual Task<Result<std::size_t>> read_some(std::span<std::byte> into) = 0;
    /// After the end was read.
    [[nodiscard]] virtual Fields const& trailers() const = 0;
    /// A read would not wait: bytes are here, or the end, or an error. With it a relay can put an
    /// answer's head and the start of its body into one write (see Exchange::respond_with).
    [[nodiscard]] virtual bool ready() { return false; }
};

/// One request and its answer. A handler must answer exactly once: `respond` + body + `finish`, or
/// `upgrade`. If it returns without, the session answers 500 or breaks the connection.
class Exchange {
public:
    virtual ~Exchange() = default;

    [[nodiscard]] virtual RequestHead& request() = 0;
    [[nodiscard]] virtual Framing request_framing() const = 0;
    [[nodiscard]] virtual Peer const& peer() const = 0;
    /// The request's body. The first read sends "100 Continue" when the client waits for it.
    [[nodiscard]] virtual BodyReader& body() = 0;

    /// An informational head (1xx, not 101).
    virtual Task<Result<void>> inform(ResponseHead head) = 0;
    /// The final head. `framing` says how the body will be sent; `until_close` is turned into
    /// chunked. For HEAD, 204 and 304 no body bytes may follow, whatever the framing says (a
    /// length is still sent for HEAD and 304).
    virtual Task<Result<void>> respond(ResponseHead head, Framing framing) = 0;
    /// `respond` and a first `write` in one write of the stream below, where it can.
    virtual Task<Result<void>> respond_with(ResponseHead head, Framing framing,
                                            std::span<std::byte const> first);
    virtual Task<Result<void>> write(std::span<std::byte const> bytes) = 0;
    /// Ends the body. Errors: body_mismatch when the declared length was not written.
    virtual Task<Result<void>> finish(Fields trailers) = 0;
    /// Sends a 101 (or, for Kind::none of CONNECT-like use, any head) and hands over the raw
    /// connection, with bytes already read first. The handler may use it until it returns, and the
    /// connection ends then.
    virtual Task<Result<StreamPtr>> upgrade(ResponseHead head) = 0;
    /// The final head went out (true from `respond` or `upgrade` on).
    [[nodiscard]] virtual bool responded() const = 0;
    /// Breaks the connection: the client sees an abort and not a short but valid answer.
    virtual void abort() noexcept = 0;
};

class Handler {
public:
    virtual ~Handler() = default;
    virtual Task<void> handle(Exchange& exchange) = 0;
};

struct HttpLimits {
    std::chrono::milliseconds head{10'000};  ///< from a head's first byte to its last
    std::chrono::milliseconds idle{75'000};  ///< between requests; nginx's default
    std::chrono::milliseconds body_stall{
        60'000};  ///< no byte of an expected body, or of our answer taken
};

/// Serves until the peer leaves, an error, or `stopping` turns true (then after the exchange under
/// way). A message that is not acceptable gets 400, 431 or 501 as problem+json and the connection
/// ends. Request bodies that the handler left unread are drained up to 64 KiB, else the
/// connection ends. `stream` is consumed and closed.
Task<void> serve_http(StreamPtr stream, Peer peer, Handler& handler, Timers& timers,
                      HttpLimits limits, bool const& stopping, Log log);

/// Small answers in one call (head, length and body in one write).
Task<Result<void>> respond_whole(Exchange& exchange, ResponseHead head, std::string body);
Task<Result<void>> respond_text(Exchange& exchange, unsigned status, std::string content_type,
                                std::string body);
Task<Result<void>> respond_json(Exchange& exchange, unsigned status, std::string json);
/// RFC 9457 body from the table in base/problem.hpp (type, title, status, detail, code, next); adds
/// Retry-After and Proxy-Status when given, WWW-Authenticate for 401, Allow as given in `extra`.
Task<Result<void>> respond_problem(Exchange& exchange, Error error, Fields extra);
/// The same with another status than the table's: a door that has its own.
Task<Result<void>> respond_problem_as(Exchange& exchange, unsigned status, Error error,
                                      Fields extra);
/// The JSON text of such a body; `detail` is error.context.
[[nodiscard]] std::string problem_json(Error const& error);

/// The whole body as text. Errors: Problem::body_too_large past `limit`, bad_request for broken
/// framing; the stream's.
Task<Result<std::string>> read_body(BodyReader& body, std::size_t limit);

}  // namespace adaos::net

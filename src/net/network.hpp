#pragma once
/// Dialling and listening, so that a test can put another world underneath.

#include "base/error.hpp"
#include "net/byte_stream.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace adaos::net {

struct Endpoint {
    /// A name or an address, IPv6 without brackets; for connecting also the path of a socket file,
    /// then the port is 0.
    std::string host;
    std::uint16_t port = 0;
    [[nodiscard]] bool operator==(Endpoint const&) const = default;
    [[nodiscard]] std::string text() const;  ///< "host:port", IPv6 in brackets
};

/// True for 127.0.0.0/8, ::1 and the name `localhost`.
[[nodiscard]] bool is_loopback(std::string_view host);

struct Accepted {
    StreamPtr stream;
    Endpoint peer;
};

class Acceptor {
public:
    virtual ~Acceptor() = default;
    /// The next connection. Errors: operation_aborted after `close()`. Passing trouble (a reset
    /// before accept, no file descriptors left) is retried inside, with a pause.
    virtual Task<Result<Accepted>> accept() = 0;
    [[nodiscard]] virtual Endpoint local() const = 0;
    virtual void close() noexcept = 0;
};

class Network {
public:
    virtual ~Network() = default;
    /// Resolves and connects, trying every address, TCP_NODELAY on. Errors: Problem::unreachable,
    /// Problem::timed_out after `timeout`.
    virtual Task<Result<StreamPtr>> connect(Endpoint to, std::chrono::milliseconds timeout) = 0;
    /// Port 0 takes a free one. Errors: Problem::port_in_use, permission.
    virtual Result<std::unique_ptr<Acceptor>> listen(Endpoint at) = 0;
};

}  // namespace adaos::net

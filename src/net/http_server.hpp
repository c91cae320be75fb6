#pragma once
/// Accepts connections and serves HTTP on each: plain, TLS, or whichever the first byte says.

#include "base/log.hpp"
#include "net/http_session.hpp"
#include "net/network.hpp"
#include "net/task_group.hpp"
#include "net/timers.hpp"
#include "net/tls.hpp"

#include <memory>

namespace adaos::net {

enum class Security {
    plain,    ///< HTTP only
    tls,      ///< HTTPS only; plain HTTP gets 400
    sniffed,  ///< by the first byte of the connection
};

/// Most connections held at once; past it the newest is closed at once (threat 57).
inline constexpr std::size_t max_connections = 8192;

class HttpServer {
public:
    struct Options {
        Security security = Security::plain;
        HttpLimits limits;
        std::chrono::milliseconds handshake{10'000};
    };
    HttpServer(boost::asio::any_io_executor loop, std::unique_ptr<Acceptor> acceptor,
               Handler& handler, Timers& timers, Options options, Log log);

    /// The context for TLS; may be exchanged while serving (new connections use the new one).
    void set_tls(std::shared_ptr<TlsContext const> tls);
    [[nodiscard]] Endpoint local() const;

    /// Accepts until `stop()`.
    Task<void> run();
    /// Stops accepting; connections end after the exchange under way, at the latest after `grace`.
    Task<void> stop(std::chrono::milliseconds grace);

private:
    Task<void> serve(Accepted accepted);

    std::unique_ptr<Acceptor> acceptor_;
    Handler& handler_;
    Timers& timers_;
    Options options_;
    Log log_;
    std::shared_ptr<TlsContext const> tls_;  // a handshake under way keeps the one it began with
    bool stopping_ = false;
    TaskGroup connections_;
};

}  // namespace adaos::net

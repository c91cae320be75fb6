#include "net/http_server.hpp"

#include "net/deadline.hpp"
#include "net/sniff.hpp"

#include <algorithm>

namespace adaos::net {

HttpServer::HttpServer(boost::asio::any_io_executor loop, std::unique_ptr<Acceptor> acceptor,
                       Handler& handler, Timers& timers, Options options, Log log)
    : acceptor_(std::move(acceptor)),
      handler_(handler),
      timers_(timers),
      options_(options),
      log_(log),
      connections_(std::move(loop), std::move(log)) {}

void HttpServer::set_tls(std::shared_ptr<TlsContext const> tls) {
    tls_ = std::move(tls);
}

Endpoint HttpServer::local() const {
    return acceptor_->local();
}

Task<void> HttpServer::run() {
    for (;;) {
        auto accepted = co_await acceptor_->accept();
        if (!accepted) co_return;  // closed: accept retries everything else by itself
        if (connections_.size() >= max_connections) {
            accepted->stream->abort();
            continue;
        }
        connections_.spawn(serve(std::move(*accepted)));
    }
}

Task<void> HttpServer::serve(Accepted accepted) {
    Peer peer;
    peer.address = accepted.peer.host;
    peer.loopback = is_loopback(accepted.peer.host);
    auto stream = std::move(accepted.stream);
    bool wrap = options_.security == Security::tls;
    auto const tls = tls_;
    {
        Deadline const deadline(timers_, *stream, options_.handshake);
        if (options_.security == Security::sniffed) {
            auto sniffed = co_await sniff(std::move(stream));
            if (!sniffed) co_return;
            wrap = sniffed->tls && tls != nullptr;
            stream = std::move(sniffed->stream);
        }
    }
    if (wrap) {
        auto& below = *stream;  // lives on inside the TLS stream
        auto const timer = timers_.call_after(options_.handshake, [&below] { below.abort(); });
        auto accepted_tls = co_await tls_accept(*tls, std::move(stream));
        if (!accepted_tls) {
            log_.debug("TLS handshake failed",
                       {{"peer", peer.address}, {"cause", accepted_tls.error().message()}});
            co_return;
        }
        stream = std::move(accepted_tls->stream);
        peer.tls = true;
        if (accepted_tls->peer)
            peer.certificate =
                std::make_shared<pki::Certificate const>(std::move(*accepted_tls->peer));
    }
    co_await serve_http(std::move(stream), std::move(peer), handler_, timers_, options_.limits,
                        stopping_, log_);
}

Task<void> HttpServer::stop(std::chrono::milliseconds grace) {
    stopping_ = true;
    acceptor_->close();
    // Looked at often, so that an idle server stops at once.
    auto const step = std::chrono::milliseconds(20);
    for (auto waited = std::chrono::milliseconds(0); waited < grace && connections_.size() > 0;
         waited += step)
        co_await sleep(timers_, step);
    co_await connections_.stop();
}

}  // namespace adaos::net

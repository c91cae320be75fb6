#include "net/tls.hpp"

#include "base/problem.hpp"
#include "net/tls_stream.hpp"
#include "net/tls_verify.hpp"

#include <boost/asio/this_coro.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <utility>

namespace adaos::net {
namespace {

/// Why the handshake failed, in our words when it was the peer's certificate.
Error judge_failure(Error failed, SSL* ssl, TlsVerdict const& verdict, std::string const& host) {
    auto const verified = SSL_get_verify_result(ssl);
    if (verified == X509_V_OK) return with_context(std::move(failed), "handshake");
    if (!verdict.seen.empty())
        return Error(Problem::pin_mismatch,
                     "expected " + verdict.pins.front() + ", the server has " + verdict.seen +
                         "; the connection was ended before anything was sent");
    std::string context = "tls: certificate: ";
    context += X509_verify_cert_error_string(verified);
    if (!host.empty()) context += " (for " + host + ")";
    return Error(Problem::peer_untrusted, std::move(context));
}

/// What OpenSSL does not insist on by itself: that a link speaks our protocol.
Result<void> check_protocol(SSL* ssl, std::string const& wanted) {
    if (wanted.empty()) return {};
    unsigned char const* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &name, &size);
    if (std::string_view(reinterpret_cast<char const*>(name), size) == wanted) return {};
    return Error(Problem::bad_answer, "tls: the other side does not speak " + wanted);
}

Task<Result<TlsAccepted>> shake_hands(TlsContext const& context, TlsStream::Ssl ssl,
                                      StreamPtr below, std::string host) {
    auto const& parts = context.parts();
    TlsVerdict verdict{parts.pins, parts.clock, {}};
    auto const expected = expect_peer(ssl.get(), verdict, host);
    if (!expected) {
        below->abort();
        co_return expected.error();
    }
    auto const loop = co_await boost::asio::this_coro::executor;
    auto const wanted = parts.alpn;
    auto stream = std::make_unique<TlsStream>(std::move(ssl), std::move(below), loop);
    auto const shaken = co_await stream->handshake();
    auto* const native = stream->native();
    forget_verdict(native);
    if (!shaken) {
        auto error = judge_failure(shaken.error(), native, verdict, host);
        co_await stream->close();  // not an abort, which could overtake the alert
        co_return error;
    }
    auto const agreed = check_protocol(native, wanted);
    if (!agreed) {
        stream->abort();
        co_return agreed.error();
    }
    TlsAccepted accepted;
    if (auto* const peer = SSL_get1_peer_certificate(native)) accepted.peer.emplace(peer);
    accepted.stream = std::move(stream);
    co_return accepted;
}

TlsStream::Ssl make_ssl(TlsContext const& context) {
    ERR_clear_error();
    return TlsStream::Ssl(SSL_new(context.native()));
}

}  // namespace

Task<Result<TlsAccepted>> tls_connect(TlsContext const& context, StreamPtr below,
                                      std::string host) {
    auto ssl = make_ssl(context);
    if (!ssl || (context.parts().checks_host && host.empty())) {
        below->abort();
        co_return Error(Problem::internal, "tls: nothing to verify the server by");
    }
    if (!context.parts().checks_host) host.clear();
    SSL_set_connect_state(ssl.get());
    co_return co_await shake_hands(context, std::move(ssl), std::move(below), std::move(host));
}

Task<Result<TlsAccepted>> tls_accept(TlsContext const& context, StreamPtr below) {
    auto ssl = make_ssl(context);
    if (!ssl) {
        below->abort();
        co_return Error(Problem::internal, "tls: out of memory");
    }
    SSL_set_accept_state(ssl.get());
    co_return co_await shake_hands(context, std::move(ssl), std::move(below), std::string());
}

}  // namespace adaos::net

#include "link/uplink_dial.hpp"

#include "base/problem.hpp"
#include "net/deadline.hpp"
#include "net/ws.hpp"

#include <utility>

namespace adaos::link {
namespace {

/// An error of a socket in the words of the table.
Error dial_error(Error const& error, std::string_view what) {
    if (describe(error.code).problem != Problem::internal) return with_context(error, what);
    return Error(Problem::unreachable, std::string(what) + ": " + error.message());
}

/// The carrier: a WebSocket over TLS or plain TCP.
net::Task<Result<net::StreamPtr>> dial_carrier(Uplink::Deps deps, net::Url url,
                                               net::TlsTrust trust) {
    net::Endpoint to;
    to.host = url.host;
    to.port = url.port;
    auto stream = co_await deps.network.connect(to, deps.connect_timeout);
    if (!stream) co_return dial_error(stream.error(), "connect");
    auto carrier = std::move(*stream);
    // The layers above keep the socket alive until this coroutine has returned.
    net::Deadline const deadline(deps.timers, *carrier, deps.connect_timeout);
    if (url.scheme == "https") {
        auto tls = net::TlsContext::make_client(trust);
        if (!tls) co_return tls.error();
        tls->judge_by(deps.clock);
        auto secured = co_await net::tls_connect(*tls, std::move(carrier), url.host);
        if (!secured && deadline.passed()) co_return Error(Problem::timed_out, "TLS");
        if (!secured) co_return dial_error(secured.error(), "TLS");
        carrier = std::move(secured->stream);
    }
    auto upgraded =
        co_await net::ws_connect(std::move(carrier), url.authority(), url.path, net::Fields());
    if (!upgraded && deadline.passed()) co_return Error(Problem::timed_out, "upgrade");
    if (!upgraded) co_return dial_error(upgraded.error(), "upgrade");
    co_return std::move(*upgraded);
}

}  // namespace

net::Task<Result<SessionPtr>> dial_target(Uplink::Deps deps, Target target,
                                          std::function<void()> on_carrier) {
    auto tls = net::TlsContext::make_link_dialler(target.identity, target.anchors_pem);
    if (!tls) co_return tls.error();
    tls->judge_by(deps.clock);
    auto carrier = co_await dial_carrier(deps, target.url, target.trust);
    if (!carrier) co_return carrier.error();
    on_carrier();
    SessionEnv const env{deps.loop, deps.timers, deps.log, deps.times};
    auto session = co_await dial_session(env, *tls, std::move(*carrier), std::move(target.check),
                                         std::move(target.hello));
    if (!session) co_return dial_error(session.error(), "link");
    co_return std::move(*session);
}

}  // namespace adaos::link

// The beginnings of a session: TLS, mux, hello and its answer.
#include "base/names.hpp"
#include "base/problem.hpp"
#include "link/session.hpp"
#include "link/session_parts.hpp"
#include "net/deadline.hpp"

#include <boost/asio/error.hpp>

#include <optional>
#include <utility>

namespace adaos::link {
namespace {

/// What a handshake that did not come to its end reports.
Error handshake_error(Session::Parts const& p) {
    if (!p.control.ending()) return Error(boost::asio::error::operation_aborted, "handshake");
    auto const& ending = *p.control.ending();
    if (ending.code == "peer_silent") return Error(Problem::timed_out, ending.detail);
    if (ending.code == "protocol") return Error(Problem::bad_request, ending.detail);
    // A peer that refuses our certificate says so by a TLS alert after our own handshake.
    if (p.mux.cause() && p.mux.cause()->code != boost::asio::error::eof)
        return with_context(*p.mux.cause(), "handshake");
    return Error(Problem::link_lost, "handshake: " + ending.code + ": " + ending.detail);
}

/// A refusal as an error; a removed node is told apart: it has to join again.
Error refusal_error(HelloAck const& ack) {
    auto const problem =
        ack.error == "node_revoked" ? Problem::node_removed : Problem::link_refused;
    return Error(problem, ack.error + ": " + ack.detail);
}

/// The certificate is the credential; a hello that names another identity is refused.
std::optional<HelloAck> mismatch(pki::Certificate const& peer, Hello const& hello) {
    HelloAck ack;
    ack.error = "protocol";
    auto const who = peer.node();
    if (!who) {
        ack.detail = "the certificate is no node's";
    } else if (hello.subnet_id != who->subnet_id) {
        ack.error = "subnet_mismatch";
        ack.detail = "the certificate belongs to another subnet than the hello";
    } else if (hello.node_id != who->node_id) {
        ack.detail = "the certificate belongs to another node than the hello";
    } else if (hello.role != (who->hub ? "hub" : "member")) {
        ack.detail = "the certificate is for another role than the hello";
    } else if (!is_node_name(hello.name) || (!hello.zone.empty() && !is_zone(hello.zone))) {
        ack.detail = "the name or the zone in the hello is malformed";
    } else {
        return std::nullopt;
    }
    return ack;
}

/// TLS within `env.times.hello`; the carrier is cut when it takes longer.
net::Task<Result<net::TlsAccepted>> secure(SessionEnv env, net::TlsContext const& tls,
                                           net::StreamPtr carrier, MuxCore::Side side) {
    net::Deadline const deadline(env.timers, *carrier, env.times.hello);
    auto task = side == MuxCore::Side::accepter
                    ? net::tls_accept(tls, std::move(carrier))
                    : net::tls_connect(tls, std::move(carrier), std::string());
    auto secured = co_await std::move(task);
    if (!secured && deadline.passed()) co_return Error(Problem::timed_out, "TLS of a link");
    if (!secured) co_return with_context(secured.error(), "TLS of a link");
    if (!secured->peer) co_return Error(Problem::peer_untrusted, "no certificate on a link");
    co_return std::move(*secured);
}

}  // namespace

net::Task<Result<SessionPtr>> accept_session(SessionEnv env, net::TlsContext const& tls,
                                             net::StreamPtr carrier, Admit admit) {
    auto secured = co_await secure(env, tls, std::move(carrier), MuxCore::Side::accepter);
    if (!secured) co_return secured.error();
    auto owned = std::make_unique<Session::Parts>(
        env, std::move(*secured->peer), std::move(secured->stream), MuxCore::Side::accepter,
        ControlCore(env.times, env.timers.now()));
    auto& p = *owned;
    auto session = std::make_shared<Session>(std::move(owned));
    p.start();
    while (!p.said_hello && !p.control.ending()) {
        auto const went_on = co_await p.changed();
        if (!went_on) break;
    }
    if (!p.said_hello) {
        auto const error = handshake_error(p);
        co_await p.settle();
        co_return error;
    }
    auto refusal = mismatch(p.peer, p.hello);
    if (refusal) {
        p.ack = std::move(*refusal);
    } else {
        p.ack = co_await admit(p.peer, p.hello);
    }
    p.control.answer(p.ack, env.timers.now());
    p.pump();
    if (p.control.open()) co_return session;
    if (p.ack.ok) co_return handshake_error(p);
    co_await p.settle();
    co_return refusal_error(p.ack);
}

net::Task<Result<SessionPtr>> dial_session(SessionEnv env, net::TlsContext const& tls,
                                           net::StreamPtr carrier, CheckPeer check, Hello hello) {
    auto secured = co_await secure(env, tls, std::move(carrier), MuxCore::Side::dialler);
    if (!secured) co_return secured.error();
    if (check) {
        auto const checked = check(*secured->peer);
        if (!checked) {
            secured->stream->abort();
            co_return checked.error();
        }
    }
    auto owned = std::make_unique<Session::Parts>(
        env, std::move(*secured->peer), std::move(secured->stream), MuxCore::Side::dialler,
        ControlCore(env.times, env.timers.now(), hello));
    auto& p = *owned;
    p.hello = std::move(hello);
    auto session = std::make_shared<Session>(std::move(owned));
    p.start();
    while (!p.acked && !p.control.ending()) {
        auto const went_on = co_await p.changed();
        if (!went_on) break;
    }
    if (p.acked && p.ack.ok && p.control.open()) co_return session;
    auto const error = p.acked && !p.ack.ok ? refusal_error(p.ack) : handshake_error(p);
    co_await p.settle();
    co_return error;
}

}  // namespace adaos::link

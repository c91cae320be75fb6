#pragma once
/// One established link, seen from either end: streams, calls and status over an authenticated
/// carrier. Wire format: docs/protocol/link.md

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "link/hello.hpp"
#include "net/byte_stream.hpp"
#include "net/task_group.hpp"
#include "net/timers.hpp"
#include "net/tls.hpp"
#include "pki/certificate.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace adaos::link {

/// What the owner of a session supplies. All run on the loop; tasks belong to the session.
struct SessionHandlers {
    /// Dialler: a stream our upstream opened. Runs as a task of the session; returning closes it.
    std::function<net::Task<void>(net::StreamPtr)> on_stream;
    /// A call of the peer over the control stream: JSON in, JSON out. An Error is sent as problem
    /// id and context.
    std::function<net::Task<Result<std::string>>(std::string method, std::string params)> on_call;
    /// The peer's latest `node.status` (JSON object).
    std::function<void(std::string status)> on_status;
};

/// What `on_call` answers to a call that its owner does not have. Errors: not_found, always.
net::Task<Result<std::string>> no_such_call(std::string method);

class Session {
public:
    struct Parts;
    explicit Session(std::unique_ptr<Parts> parts);
    ~Session();
    Session(Session const&) = delete;

    [[nodiscard]] pki::Certificate const& peer_certificate() const;
    [[nodiscard]] Hello const& hello() const;   ///< the dialler's, at both ends
    [[nodiscard]] HelloAck const& ack() const;  ///< the accepter's, at both ends

    /// Accepter only: a new stream to the dialler. Errors: Problem::relay_busy at the cap of
    /// streams, Problem::link_lost when the link is over.
    net::Task<Result<net::StreamPtr>> open();
    /// One call over the control stream, either direction. Errors: the peer's problem with its
    /// context, link_lost, timed_out after `timeout`.
    net::Task<Result<std::string>> call(std::string method, std::string params,
                                        std::chrono::milliseconds timeout);
    /// Tells the peer our status; the newest wins, nothing queues.
    void send_status(std::string status);

    /// Time of the last byte heard from the peer.
    [[nodiscard]] SteadyTime last_heard() const;
    [[nodiscard]] bool alive() const;
    [[nodiscard]] std::size_t open_streams() const;

    /// Serves the link until it ends; call once, after the handshake. Returns why.
    net::Task<Ending> run(SessionHandlers handlers);
    /// Tells the peer to go (`draining`, `replaced`), ends the link soon after. `run` returns then.
    void end(std::string code, std::string detail);
    /// At once.
    void abort() noexcept;

private:
    std::unique_ptr<Parts> parts_;
};
using SessionPtr = std::shared_ptr<Session>;  // the table of links and the task running it share it

/// Decides on a hello: registers the node durably, then answers ok; or says why not.
using Admit = std::function<net::Task<HelloAck>(pki::Certificate const& peer, Hello const& hello)>;

struct SessionEnv {
    boost::asio::any_io_executor loop;
    net::Timers& timers;
    Log log;
    SessionTimes times;
};

/// Accepting end: TLS (context from TlsContext::make_link_accepter), mux, control stream, hello,
/// `admit`, hello.ack. Nothing is sent on the control stream before the ack. Errors:
/// peer_untrusted, timed_out, bad_request; a refused hello is acked with ok=false and returned as
/// Problem::link_refused (node_revoked: node_removed).
net::Task<Result<SessionPtr>> accept_session(SessionEnv env, net::TlsContext const& tls,
                                             net::StreamPtr carrier, Admit admit);
/// Dialling end. `check` looks at the upstream's certificate after chain verification. Errors:
/// peer_untrusted, timed_out; a refusal comes as Problem::link_refused (node_revoked: as
/// node_removed) with "error: detail" in context.
using CheckPeer = std::function<Result<void>(pki::Certificate const& upstream)>;
net::Task<Result<SessionPtr>> dial_session(SessionEnv env, net::TlsContext const& tls,
                                           net::StreamPtr carrier, CheckPeer check, Hello hello);

}  // namespace adaos::link

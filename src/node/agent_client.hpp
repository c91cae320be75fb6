#pragma once
/// An agent's two requests to the control plane before it has an identity. The first proves nothing
/// and sends nothing; the second goes only to a server whose certificate the pinned CA has signed.

#include "net/fetch.hpp"
#include "node/agent_answer.hpp"

#include <chrono>

namespace adaos::node {

struct ControlPlane {
    net::Network& network;
    net::Timers& timers;
    net::Url url;
    std::string pin;  ///< canonical
    std::chrono::milliseconds timeout{30'000};
};

/// `GET /v1/ca`: the pinned one, PEM. Errors: find_pinned_ca's, the network's.
net::Task<Result<std::string>> fetch_pinned_ca(ControlPlane control_plane);

/// How far a redemption came, also when it failed.
struct RedeemTrace {
    bool is_sent = false;     ///< the token may have arrived, and been used
    bool is_refused = false;  ///< a definite answer: it let nobody in
};
/// `POST /v1/nodes/join`: TLS 1.3, no redirect, no proxy. Errors: what the door answered; the
/// network's, pin_mismatch, peer_untrusted.
net::Task<Result<AgentAnswer>> redeem_token(ControlPlane control_plane, std::string body,
                                            RedeemTrace& trace);

/// What an answer that is no success says: the table's problem where its code is known.
[[nodiscard]] Error remote_error(net::Reply const& reply, std::string const& where);

}  // namespace adaos::node

#pragma once
/// Passes one exchange on to another HTTP/1.1 speaker: down a link, or to a local service.

#include "base/log.hpp"
#include "net/http_client.hpp"
#include "net/http_session.hpp"
#include "net/timers.hpp"

#include <functional>
#include <string>

namespace adaos::relay {

/// Whether the request enters adaos here (then headers that claim an identity are the caller's
/// invention and go) or was passed on by an adaos hop above.
enum class Edge { yes, no };

struct Route {
    Edge edge = Edge::yes;
    std::string target;    ///< origin-form for the next hop
    std::string prefix;    ///< what was cut from the path, for X-Forwarded-Prefix
    std::string hop;       ///< our name in Via and Proxy-Status: "adaos-root", "adaos-hub"
    net::Fields add;       ///< set on the request after everything else: X-AdaOS-Scope
    std::string upstream;  ///< for messages: "hub sn_…", "node garage-pi"
    /// What else changes in the final head before the caller gets it (prefix_rules.hpp); may be
    /// empty.
    std::function<void(net::ResponseHead&)> correct;
};
/// A fresh connection to the next hop. Errors: Problem::relay_busy, link_lost, …
using Open = std::function<net::Task<Result<net::StreamPtr>>()>;

/// Streams request and answer in both directions, upgrades included; memory is one buffer a
/// direction. Errors met before the answer's head become problem+json with Proxy-Status; later ones
/// break the connection. An abort on one side is an abort on the other.
net::Task<void> forward(net::Exchange& exchange, Route route, Open open, net::Timers& timers,
                        Log log);

/// True when `path` can be relayed as it is: no dot segments (encoded or not), no backslash, no
/// control bytes, no empty first segment. "%2F" passes untouched: nobody here decodes it.
[[nodiscard]] bool is_clean_path(std::string_view path);

}  // namespace adaos::relay

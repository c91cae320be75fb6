#pragma once
/// One small request to a URL, answer in memory: what commands and doors need.

#include "net/http_client.hpp"
#include "net/network.hpp"
#include "net/timers.hpp"
#include "net/tls.hpp"

namespace adaos::net {

struct Reply {
    ResponseHead head;
    std::string body;  ///< at most `max_reply_bytes`
};
inline constexpr std::size_t max_reply_bytes = 4 * 1024 * 1024;

struct Fetch {
    std::string method = "GET";
    Url url;
    Fields fields;  ///< Host and lengths are added
    std::string body;
    TlsTrust trust;                ///< used when the URL is https
    Clock const* clock = nullptr;  ///< certificates are judged by; null: the system's. Outlives it
    std::chrono::milliseconds timeout{10'000};
    /// Set before the first byte of the request goes out: a failure then leaves open what the
    /// server did with it. Outlives the call.
    bool* sent = nullptr;
};

/// A connection that changed its protocol (RFC 9110, section 7.8).
struct Upgraded {
    StreamPtr stream;  ///< null: the server did not change it, and `refusal` says why
    Reply refusal;
};
/// A GET with `Upgrade: protocol`; `request.timeout` is for the answer. Errors as `fetch`.
Task<Result<Upgraded>> fetch_upgrade(Network& network, Timers& timers, Fetch request,
                                     std::string protocol);

/// Errors: Problem::unreachable, timed_out, pin_mismatch, peer_untrusted, bad_answer.
Task<Result<Reply>> fetch(Network& network, Timers& timers, Fetch request);

}  // namespace adaos::net

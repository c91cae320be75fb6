#pragma once
/// Who is calling, and what they may do.

#include "base/secret.hpp"
#include "enrol/access.hpp"
#include "net/http_session.hpp"

#include <functional>
#include <optional>
#include <string>

namespace adaos::api {

/// The header in which a hub tells its member what the caller may do. Only believed on a link.
inline constexpr char const* scope_header = "X-AdaOS-Scope";

/// `X-AdaOS-Token`, else the bearer token; empty when there is none. Never from the query.
[[nodiscard]] std::string presented_token(net::RequestHead const& head);

/// Takes out what our own check of the caller used, so that it reaches nobody further on:
/// `X-AdaOS-Token`, and, when that was not there and the caller was `known` by it, the bearer
/// token. Any other Authorization is the service's own business.
void drop_credentials(net::RequestHead& head, bool known);

/// Where a request came from: the socket's other end; on a link, what Root or the hub above saw at
/// its edge.
[[nodiscard]] std::string caller_address(net::Exchange& exchange);

/// Admin when the request came over loopback, from this machine, with the local control token.
[[nodiscard]] std::optional<enrol::Scope> local_scope(net::Peer const& peer,
                                                      net::RequestHead const& head,
                                                      Secret const& control_token);

/// Who it is, when a token told; absent: a stranger.
struct Caller {
    enrol::Scope scope = enrol::Scope::view;
    std::string actor;  ///< for the trail: "local", "root-token", or an access token's
};
using WhoCalls = std::function<net::Task<std::optional<Caller>>(net::Exchange&)>;

/// What a relayed method needs: reading needs view, the rest developer (docs/protocol/http-api.md).
[[nodiscard]] enrol::Scope needed_for(net::RequestHead const& head);

/// Answers 401 or 403 unless `has` includes `needs`; true when it does.
net::Task<bool> allow(net::Exchange& exchange, std::optional<enrol::Scope> has, enrol::Scope needs);
/// Who it is, when that one may; else 401 or 403 is answered.
net::Task<std::optional<Caller>> allowed_caller(net::Exchange& exchange, WhoCalls const& who,
                                                enrol::Scope needs);
net::Task<std::optional<Caller>> admin_only(net::Exchange& exchange, WhoCalls const& who);

/// Over TLS or loopback, and no link: nobody on the way can read a secret.
[[nodiscard]] bool is_unheard(net::Peer const& peer);

}  // namespace adaos::api

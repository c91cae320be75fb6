#pragma once
/// Who is calling, and what they may do.

#include "base/secret.hpp"
#include "enrol/access.hpp"
#include "net/http_session.hpp"

#include <optional>
#include <string>

namespace adaos::api {

/// The header in which a hub tells its member what the caller may do. Only believed on a link.
inline constexpr char const* scope_header = "X-AdaOS-Scope";

/// `X-AdaOS-Token`, else the bearer token; empty when there is none. Never from the query.
[[nodiscard]] std::string presented_token(net::RequestHead const& head);

/// Admin when the request came over loopback, from this machine, with the local control token.
[[nodiscard]] std::optional<enrol::Scope> local_scope(net::Peer const& peer,
                                                      net::RequestHead const& head,
                                                      Secret const& control_token);

/// What a relayed method needs: reading needs view, the rest operate (docs/protocol/http-api.md).
[[nodiscard]] enrol::Scope needed_for(net::RequestHead const& head);

/// Answers 401 or 403 unless `has` includes `needs`; true when it does.
net::Task<bool> allow(net::Exchange& exchange, std::optional<enrol::Scope> has, enrol::Scope needs);

}  // namespace adaos::api

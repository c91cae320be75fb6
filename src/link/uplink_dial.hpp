#pragma once
/// One attempt to reach the upstream: every layer from the socket to the session.

#include "link/uplink.hpp"

#include <functional>

namespace adaos::link {

/// Calls `on_carrier` when the carrier stands and the session's own handshake begins. Errors have a
/// row in the table of problems: what has none comes as Problem::unreachable.
net::Task<Result<SessionPtr>> dial_target(Uplink::Deps deps, Target target,
                                          std::function<void()> on_carrier);

}  // namespace adaos::link

#pragma once
/// RFC 9457 bodies as text, beyond what http_session.hpp offers. Internal to net.

#include "base/error.hpp"
#include "net/http_message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace adaos::net {

/// What a client did wrong with its framing is Problem::bad_request or head_too_large; everything
/// else stays as it is.
[[nodiscard]] Error as_problem(Error error);

/// The body of `error`, sent with `status` (which the table has not: 426, 501). A Retry-After in
/// `extra` shows as retry_after_seconds.
[[nodiscard]] std::string problem_body(Error const& error, unsigned status, Fields const& extra);

/// The head that goes with it.
[[nodiscard]] ResponseHead problem_head(unsigned status, Fields extra);

/// What matters to us of somebody else's body. problem_json.cpp.
struct RemoteProblem {
    std::string code;    ///< "ADAOS-R002", or empty
    std::string detail;  ///< without control characters; or the title when there is no detail
};
/// Absent when `body` is not a JSON object.
[[nodiscard]] std::optional<RemoteProblem> read_problem(std::string_view body);

}  // namespace adaos::net

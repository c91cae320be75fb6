#pragma once
/// An attempt to get in, at any door that strangers may knock at: what is refused there before a
/// secret is judged is counted in the audit trail (refusal_log.hpp), then answered.

#include "api/desk.hpp"
#include "net/http_session.hpp"

#include <optional>
#include <string>

namespace adaos::api {

/// Counts the refusal at `door`, by default the request's path (which must hold no secret then).
void count_refusal(net::Exchange& exchange, Desk& desk, Error const& why, std::string door = {});

/// Counts and answers it.
net::Task<void> refuse_attempt(net::Exchange& exchange, Desk& desk, Error why);

/// The JSON body of an attempt; unread if somebody on the way could read a secret in it and there
/// may be one (never). Errors: join_needs_proof, read_json_body's.
enum class Overheard { never, maybe };
net::Task<Result<std::string>> read_attempt(net::Exchange& exchange, Overheard overheard);
/// The same; nullopt: it is refused.
net::Task<std::optional<std::string>> attempt_body(net::Exchange& exchange, Desk& desk,
                                                   Overheard overheard);

}  // namespace adaos::api

#pragma once
/// What the commands about grants print. Pure.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "node/grant_commands.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace adaos::node {

/// Body of POST /v1/enrol/grants for a node token.
[[nodiscard]] std::string join_token_order(JoinTokenOptions const& options,
                                           std::chrono::seconds ttl);

/// What is left of a life: "45s", "4m", "2h", "3d", cut off; "expired" when nothing is.
[[nodiscard]] std::string remaining_text(std::chrono::milliseconds left);

// Each reads a server's answer. Errors: bad_answer.
/// ID, KIND, STATE, NODE-NAME, TTL-REMAINING, USES, CREATED-BY, NOTE.
[[nodiscard]] Result<std::string> grants_table(std::string_view body, WallTime now);
/// Aligned `key: value` lines.
[[nodiscard]] Result<std::string> grant_text(std::string_view body);

struct ShownJoinToken {
    std::string text;  ///< what people read: id, token, fingerprint, how to pass them on
    std::string json;
    std::vector<std::string> warnings;
};
[[nodiscard]] Result<ShownJoinToken> shown_join_token(std::string_view body);
/// ID, NODE-NAME, TTL-REMAINING, MAX-USES, CONSUMED, CREATED-BY.
[[nodiscard]] Result<std::string> join_tokens_table(std::string_view body, WallTime now);
[[nodiscard]] Result<std::string> join_tokens_json(std::string_view body);
/// ID, NODE-ID, CONSUMED-AT, SOURCE-IP.
[[nodiscard]] Result<std::string> consumptions_table(std::string_view body);
[[nodiscard]] Result<std::string> consumptions_json(std::string_view body);

}  // namespace adaos::node

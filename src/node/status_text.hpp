#pragma once
/// What `node status` and `node members` print. Pure.

#include "base/error.hpp"
#include "identity/node_config.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace adaos::node {

/// adaos.node-status/v1 from what is on disk; what only the running node knows is null. `config`
/// absent: nothing is on disk yet.
[[nodiscard]] std::string offline_status(std::optional<identity::NodeConfig> const& config,
                                         std::string_view cause);
/// The node's own answer, with the keys that must always be there. Errors: bad_answer.
[[nodiscard]] Result<std::string> online_status(std::string_view body);
/// Aligned `key: value` lines.
[[nodiscard]] std::string status_text(std::string_view status_json);

/// name, node id, state, last seen. Errors: bad_answer.
[[nodiscard]] Result<std::string> members_table(std::string_view body);

/// The answers of /api/access/tokens with `schema` and `ok`. Errors: bad_answer.
struct ShownToken {
    std::string json, token, summary;
};
[[nodiscard]] Result<ShownToken> shown_token(std::string_view body);
[[nodiscard]] Result<std::string> tokens_list_json(std::string_view body);
[[nodiscard]] Result<std::string> tokens_table(std::string_view body);

}  // namespace adaos::node

#pragma once
/// One call of `/v1/enrol/grants…` at whoever keeps the grants that are meant.

#include "node/grant_commands.hpp"

#include <string>

namespace adaos::node {

/// `path`: with its query, if any. Errors: invalid_option, not_a_hub, node_not_running; the
/// answer's problem.
[[nodiscard]] Result<std::string> ask_grants(Context& context, GrantTarget const& target,
                                             std::string method, std::string path,
                                             std::string body);

}  // namespace adaos::node

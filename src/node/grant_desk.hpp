#pragma once
/// One call of `/v1/enrol/grants…`. A registered hub has two books (api/two_books.hpp): both are
/// read, new grants are made at Root; with --local its own alone.

#include "node/grant_commands.hpp"

#include <string>

namespace adaos::node {

/// As ask_hub.
[[nodiscard]] Result<std::string> ask_grants(Context& context, GrantTarget const& target,
                                             std::string method, std::string path,
                                             std::string body);

}  // namespace adaos::node

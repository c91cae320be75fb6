#pragma once
/// Access tokens of this hub: asked from the running node, or else straight from its database.

#include "node/command.hpp"

#include <string>

namespace adaos::node {

/// The body of POST /api/access/tokens. Errors: invalid_field, not_a_hub, the store's or the
/// node's.
[[nodiscard]] Result<std::string> create_access(Context& context, AccessOptions const& options);
/// The body of GET /api/access/tokens.
[[nodiscard]] Result<std::string> list_access(Context& context);

}  // namespace adaos::node

#pragma once
/// Access tokens: those of this hub are asked from the running node, or else straight from its
/// database; with --server, those of another hub or a Root.

#include "node/access_commands.hpp"

#include <string>

namespace adaos::node {

/// The body of POST /api/access/tokens. Errors: invalid_field, not_a_hub, the store's, the node's
/// or the server's.
[[nodiscard]] Result<std::string> create_access(Context& context, AccessOptions const& options);
/// The body of GET /api/access/tokens.
[[nodiscard]] Result<std::string> list_access(Context& context, AccessOptions const& options);
/// The body of DELETE /api/access/tokens/{id}. Errors: also not_found, invalid_option.
[[nodiscard]] Result<std::string> revoke_access(Context& context, AccessOptions const& options);

}  // namespace adaos::node

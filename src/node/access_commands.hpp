#pragma once
/// `access create|list|revoke`: tokens for people and scripts, of this hub, another hub or a Root.

#include "node/ask_server.hpp"

#include <string>

namespace adaos::node {

struct AccessOptions {
    ServerTarget target;
    std::string name, scope;
    std::string ttl = "30d";
    std::string id;  ///< of the one to revoke
};
[[nodiscard]] int command_access_create(Context& context, AccessOptions const& options);
[[nodiscard]] int command_access_list(Context& context, AccessOptions const& options);
[[nodiscard]] int command_access_revoke(Context& context, AccessOptions const& options);

}  // namespace adaos::node

#pragma once
/// The commands about grants: `enrol list|show|revoke`, `hub join-code list|revoke`, `node
/// join-token …`. Each asks the running hub, or with --server another hub or a Root.

#include "node/ask_hub.hpp"
#include "node/command.hpp"

#include <optional>
#include <string>

namespace adaos::node {

/// Whose grants are meant.
struct GrantTarget : SubnetTarget {
    bool local = false;  ///< the hub's own alone, although it is registered at Root
};

struct GrantListOptions {
    GrantTarget target;
    std::optional<std::string> kind, state;
    bool include_expired = false;
    int limit = 20;
    std::optional<std::string> cursor;
    std::string output = "table";
};
/// `enrol list`; with `kind` member: `hub join-code list`.
[[nodiscard]] int command_grants_list(Context& context, GrantListOptions const& options);

struct GrantOptions {
    GrantTarget target;
    std::string id;
    std::optional<std::string> kind;  ///< a grant of another kind is not found
    int limit = 20;
    std::optional<std::string> cursor;
    std::string output = "table";
};
[[nodiscard]] int command_grant_show(Context& context, GrantOptions const& options);
[[nodiscard]] int command_grant_revoke(Context& context, GrantOptions const& options);

struct JoinTokenOptions {
    GrantTarget target;
    std::string ttl = "1h";
    std::int64_t max_uses = 0;
    std::optional<std::string> node_name, note;
    bool strict = false;
    std::string output = "text";
};
[[nodiscard]] int command_join_token_create(Context& context, JoinTokenOptions const& options);
[[nodiscard]] int command_join_token_list(Context& context, GrantListOptions const& options);
[[nodiscard]] int command_join_token_consumptions(Context& context, GrantOptions const& options);

}  // namespace adaos::node

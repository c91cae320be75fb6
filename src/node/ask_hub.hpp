#pragma once
/// One call of the hub that a command means: --server's (a Root, too), or this machine's.

#include "node/ask_server.hpp"

#include <optional>
#include <string>

namespace adaos::node {

struct SubnetTarget : ServerTarget {
    std::optional<std::string> subnet;  ///< at a Root: which one
};

/// `path`: with its query, if any. Errors: invalid_option, not_a_hub, node_not_running; the
/// answer's problem.
[[nodiscard]] Result<std::string> ask_hub(Context& context, ServerTarget const& target,
                                          std::string method, std::string path, std::string body);

/// `path` with another pair in its query.
[[nodiscard]] std::string with_query(std::string path, std::string const& pair);
/// `path` for the subnet of `target`, if it names one. Errors: invalid_option.
[[nodiscard]] Result<std::string> for_subnet(std::string path, SubnetTarget const& target);

}  // namespace adaos::node

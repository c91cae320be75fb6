#pragma once
/// One call of another hub or a Root, with a token, for the commands that have --server.

#include "node/command.hpp"

#include <optional>
#include <string>

namespace adaos::node {

struct ServerTarget {
    std::optional<std::string> server;  ///< URL; absent: this machine's hub
    cli::SecretOption token{"--server-token", "server's token", "ADAOS_SERVER_TOKEN"};
    std::optional<std::string> ca_fingerprint;
};

/// `target.server` is there; `path`: with its query, if any. Errors: invalid_option; the answer's
/// problem; bad_answer when something else answers.
[[nodiscard]] Result<std::string> ask_server(Context& context, ServerTarget const& target,
                                             std::string method, std::string path,
                                             std::string body);

}  // namespace adaos::node

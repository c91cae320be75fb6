#pragma once
/// The node that runs on this machine from the same base directory, and calls to its API.

#include "identity/base_dir.hpp"
#include "net/fetch.hpp"
#include "node/command.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace adaos::node {

struct LocalNode {
    net::Url url;  ///< a loopback address: the token goes nowhere else
    Secret token;
};

/// By `control` (an URL, from --control), else ADAOS_CONTROL_URL, else state/serve.json. Errors:
/// node_not_running when there is no such file or its process is gone; invalid_field for an URL
/// that is not on loopback.
[[nodiscard]] Result<LocalNode> find_local_node(Context& context, identity::BaseDir const& dir,
                                                std::optional<std::string> const& control);

/// Errors: not_a_hub when node.yaml makes this node a member.
[[nodiscard]] Result<void> require_hub(identity::BaseDir const& dir);

/// One call; any status. Errors: node_not_running when nobody listens there, else the network's.
[[nodiscard]] Result<net::Reply> call_node(LocalNode const& node, std::string method,
                                           std::string path, std::string body,
                                           std::chrono::milliseconds timeout);
/// The same, and the body of a success. Errors: the answer's problem, too.
[[nodiscard]] Result<std::string> ask_node(LocalNode const& node, std::string method,
                                           std::string path, std::string body,
                                           std::chrono::milliseconds timeout);

/// serve.json: `{pid, host, port, url, started_at}`. Pure.
struct ServeRecord {
    int pid = 0;
    std::string host;
    std::uint16_t port = 0;
    std::string url;
};
/// Errors: state_damaged.
[[nodiscard]] Result<ServeRecord> parse_serve_record(std::string_view text);

/// What POST /api/node/reload brought; never an error: the node looks for itself within a second.
struct Activation {
    bool attempted = false;
    bool ok = false;
    std::string control;  ///< the URL asked
    std::string reason;   ///< why not
};
[[nodiscard]] Activation activate(Context& context, identity::BaseDir const& dir);

}  // namespace adaos::node

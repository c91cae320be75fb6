#pragma once
/// `adaos api serve`: this node in its role until a signal.

#include "base/log.hpp"
#include "node/node_app.hpp"

namespace adaos::node {

/// Returns the exit code, or the error to print.
[[nodiscard]] Result<int> serve_node(NodeApp::Options options, Log log);

}  // namespace adaos::node

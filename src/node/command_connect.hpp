#pragma once
/// `adaos connect NODE NAME`: a TCP service of a node, at a port of this machine or on standard
/// input and output.

#include "node/ask_hub.hpp"
#include "node/command.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace adaos::node {

struct ConnectOptions {
    std::string node, service;
    std::optional<std::uint16_t> listen;  ///< loopback; absent or 0: a free port
    bool stdio = false;
    SubnetTarget target;
};
/// Serves until a signal; with `stdio` until both ends have ended: 0 then, else the exit code of
/// what broke it.
[[nodiscard]] int command_connect(Context& context, ConnectOptions const& options);

}  // namespace adaos::node

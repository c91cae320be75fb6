#pragma once
/// Connecting to a socket file. Internal to net: `Network::connect` does it for a path.

#include "net/byte_stream.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <string>

namespace adaos::net {

/// At once: a socket file never makes a caller wait. Errors: Problem::unreachable with the system's
/// words, also when its backlog is full.
[[nodiscard]] Result<StreamPtr> connect_unix(boost::asio::any_io_executor const& loop,
                                             std::string const& path);

}  // namespace adaos::net

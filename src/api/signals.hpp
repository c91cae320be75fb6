#pragma once
/// A server's life: run until SIGTERM or SIGINT, then drain; a second signal ends it at once.

#include "net/task.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>

namespace adaos::api {

/// Runs `run` on `loop` until it returns or a signal comes; then awaits `stop`. Returns the exit
/// code: 0 after a requested stop, 1 when `run` ended by itself, 128+n at the second signal n.
[[nodiscard]] int serve_until_signal(boost::asio::io_context& loop,
                                     std::function<net::Task<void>()> run,
                                     std::function<net::Task<void>()> stop);

}  // namespace adaos::api

#pragma once
/// A server's life: run until SIGTERM or SIGINT, then drain; a second signal ends it at once.

#include "net/task.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>

namespace adaos::api {

/// Made before a server leaves or prints anything: from then on a signal is a request to stop, also
/// one that comes before `serve` looks.
class StopSignals {
public:
    explicit StopSignals(boost::asio::io_context& loop);

    /// Runs `run` on the loop until it returns or a signal comes; then awaits `stop`. Returns the
    /// exit code: 0 after a requested stop, 1 when `run` ended by itself, 128+n at the second
    /// signal n.
    [[nodiscard]] int serve(std::function<net::Task<void>()> run,
                            std::function<net::Task<void>()> stop);

private:
    boost::asio::io_context& loop_;
    boost::asio::signal_set signals_;
};

}  // namespace adaos::api

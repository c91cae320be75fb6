#include "api/signals.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>
#include <unistd.h>

namespace adaos::api {

int serve_until_signal(boost::asio::io_context& loop, std::function<net::Task<void>()> run,
                       std::function<net::Task<void>()> stop) {
    std::signal(SIGPIPE, SIG_IGN);
    bool asked = false;
    int code = 1;
    std::exception_ptr failure;
    boost::asio::signal_set signals(loop, SIGTERM, SIGINT);

    auto const ended = [&](std::exception_ptr e) {
        if (e && !failure) failure = e;
        loop.stop();
    };
    auto const begin_stop = [&] { boost::asio::co_spawn(loop, stop(), ended); };
    std::function<void(boost::system::error_code, int)> on_signal =
        [&](boost::system::error_code failed, int number) {
            if (failed) return;
            if (asked) ::_exit(128 + number);
            asked = true;
            code = 0;
            signals.async_wait(on_signal);
            begin_stop();
        };
    signals.async_wait(on_signal);
    boost::asio::co_spawn(loop, run(), [&](std::exception_ptr e) {
        if (e) failure = e;
        if (!asked) begin_stop();
    });
    loop.run();
    if (failure) std::rethrow_exception(failure);
    return code;
}

}  // namespace adaos::api

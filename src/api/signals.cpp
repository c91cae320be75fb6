#include "api/signals.hpp"

#include <boost/asio/co_spawn.hpp>

#include <unistd.h>
#include <csignal>
#include <cstdlib>

namespace adaos::api {

StopSignals::StopSignals(boost::asio::io_context& loop)
    : loop_(loop), signals_(loop, SIGTERM, SIGINT) {
    std::signal(SIGPIPE, SIG_IGN);
}

int StopSignals::serve(std::function<net::Task<void>()> run,
                       std::function<net::Task<void>()> stop) {
    bool asked = false;
    int code = 1;
    std::exception_ptr failure;

    auto const ended = [&](std::exception_ptr e) {
        if (e && !failure) failure = e;
        loop_.stop();
    };
    auto const begin_stop = [&] { boost::asio::co_spawn(loop_, stop(), ended); };
    std::function<void(boost::system::error_code, int)> on_signal =
        [&](boost::system::error_code failed, int number) {
            if (failed) return;
            if (asked) ::_exit(128 + number);
            asked = true;
            code = 0;
            signals_.async_wait(on_signal);
            begin_stop();
        };
    signals_.async_wait(on_signal);
    boost::asio::co_spawn(loop_, run(), [&](std::exception_ptr e) {
        if (e) failure = e;
        if (!asked) begin_stop();
    });
    loop_.run();
    if (failure) std::rethrow_exception(failure);
    return code;
}

}  // namespace adaos::api

#pragma once
/// A loop of its own for a command's few network calls.

#include "net/asio_network.hpp"
#include "net/task.hpp"
#include "net/timers.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace adaos::node {

class RunLoop {
public:
    [[nodiscard]] net::Network& network() noexcept { return network_; }
    [[nodiscard]] net::Timers& timers() noexcept { return timers_; }

    /// Runs `task` to its end; what it throws comes out of here.
    template <class T>
    T run(net::Task<T> task) {
        std::exception_ptr failure;
        std::optional<T> result;
        boost::asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr e, T value) {
            failure = e;
            result.emplace(std::move(value));
            loop_.stop();  // timers of others may still be set
        });
        loop_.restart();
        loop_.run();
        if (failure) std::rethrow_exception(failure);
        return std::move(*result);
    }

private:
    boost::asio::io_context loop_{1};
    net::AsioTimers timers_{loop_.get_executor()};
    net::AsioNetwork network_{loop_.get_executor(), timers_};
};

}  // namespace adaos::node

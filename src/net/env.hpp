#pragma once
/// What a running part needs from the outside world; all of it can be a test's.

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "net/network.hpp"
#include "net/timers.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace adaos::net {

struct Env {
    boost::asio::any_io_executor loop;
    Network& network;
    Timers& timers;
    Clock& clock;
    Random& random;
    Log log;
};

}  // namespace adaos::net

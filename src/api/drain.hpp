#pragma once
/// The exchanges under way, so that a stop can wait for them.

#include "net/http_session.hpp"
#include "net/timers.hpp"

#include <chrono>
#include <cstddef>

namespace adaos::api {

class Drain {
public:
    /// Counts while it lives. Upgraded exchanges do not count: a link lives as long as the process.
    class Counted {
    public:
        Counted(Drain& drain, net::Exchange& exchange);
        ~Counted();
        Counted(Counted const&) = delete;
        Counted& operator=(Counted const&) = delete;

    private:
        Drain* drain_;
    };

    /// Answers 503 when the drain has begun; true when it did.
    net::Task<bool> refuse(net::Exchange& exchange);
    /// From now on `refuse` refuses. Returns when nothing is under way, at the latest after
    /// `grace`.
    net::Task<void> run(net::Timers& timers, std::chrono::milliseconds grace);

private:
    bool begun_ = false;
    std::size_t under_way_ = 0;
};

}  // namespace adaos::api

#pragma once
/// Knocks at the join doors of an address until one answers or the time is over: first at the door
/// that a code is proved to, then, where that is not there, at the plain ones.

#include "base/random.hpp"
#include "base/secret.hpp"
#include "net/fetch.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace adaos::node {

struct JoinOrder {
    net::Url root;
    net::TlsTrust trust;
    Secret code;
    std::string order;  ///< what goes into the box
    /// For the plain doors, with the code; empty: the code goes to nobody.
    std::string body;
    std::chrono::milliseconds timeout{30'000};
};

struct JoinReply {
    std::string body;
    std::string url;       ///< of the door that answered
    bool at_root = false;  ///< Root's door, not a hub's
};

/// Who failed a join: the door said no, or it was never reached.
struct JoinFailure {
    Error error;
    bool refused = false;    ///< a door's definite answer: the code let nobody in
    bool unsettled = false;  ///< the code may have arrived and been used
};

class JoinClient {
public:
    /// `say` gets one line at a time for the person who waits.
    JoinClient(net::Network& network, net::Timers& timers, Random& random, JoinOrder order,
               std::function<void(std::string_view)> say);

    /// Tries `/v1/join/…`, then `/v1/subnets/join` and `/api/node/join`; repeats what may pass with
    /// time, with a back-off. Reports what blocks it at once, and then every 5 s. After an error,
    /// see `failure()`.
    net::Task<Result<JoinReply>> run();
    [[nodiscard]] JoinFailure const& failure() const noexcept { return failure_; }

private:
    net::Task<Result<JoinReply>> knock();
    net::Task<Result<JoinReply>> prove();
    net::Task<Result<JoinReply>> tell();
    net::Task<Result<net::Reply>> post(std::string path, std::string body);
    Result<JoinReply> fail(Error error, bool refused);
    [[nodiscard]] std::chrono::milliseconds left() const;
    void report();
    void report_every_so_often();

    net::Network& network_;
    net::Timers& timers_;
    Random& random_;
    JoinOrder order_;
    std::function<void(std::string_view)> say_;
    std::chrono::steady_clock::time_point end_;
    std::string blocked_by_;
    JoinFailure failure_;
    bool may_pass_ = false;
    int lost_runs_ = 0;
    bool is_door_missing_ = false;
    bool sent_ = false;  ///< by the last knock
    net::TimerPtr reporter_;
};

}  // namespace adaos::node

#pragma once
/// Knocks at the join door of an address until it answers or the time is over. The code is proved
/// there and never sent, whoever answers: the plain doors are for scripts.

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
    std::chrono::milliseconds timeout{30'000};
};

struct JoinReply {
    std::string body;
    std::string url;       ///< origin of the door that answered
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

    /// Tries `/v1/join/…`; repeats what may pass with time, with a back-off. Reports what blocks it
    /// at once, and then every 5 s. After an error, see `failure()`.
    net::Task<Result<JoinReply>> run();
    [[nodiscard]] JoinFailure const& failure() const noexcept { return failure_; }

private:
    net::Task<Result<JoinReply>> knock();
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
    net::TimerPtr reporter_;
};

}  // namespace adaos::node

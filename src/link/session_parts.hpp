#pragma once
/// Inside of Session. For session.cpp and handshake.cpp.

#include "link/control_core.hpp"
#include "link/mux.hpp"
#include "link/session.hpp"
#include "net/event.hpp"

#include <deque>
#include <map>
#include <optional>

namespace adaos::link {

struct Session::Parts {
    /// Which side we are follows from how `control` was made; the mux must be told the same.
    Parts(SessionEnv env, pki::Certificate peer, net::StreamPtr carrier, MuxCore::Side side,
          ControlCore control);

    void start();
    /// Acts on what the control core has to say, and sets the timer for what it waits for.
    void pump();
    /// Waits for a change; false when the task was cancelled.
    net::Task<bool> changed();
    net::Task<void> serve_stream(net::StreamPtr stream);
    net::Task<void> serve_call(Call call);
    /// Waits until the mux has ended, at most `linger_time`.
    net::Task<void> settle();

    struct Waiter {
        explicit Waiter(boost::asio::any_io_executor loop) : done(std::move(loop)) {}
        net::Event done;
        std::optional<Result<std::string>> outcome;
    };

    SessionEnv env;
    pki::Certificate peer;
    Hello hello;
    HelloAck ack;
    bool said_hello = false;  ///< accepter: the peer's hello is in `hello`
    bool acked = false;       ///< dialler: the peer's answer is in `ack`
    bool serving = false;     ///< `run` was called
    SessionHandlers handlers;
    ControlCore control;
    Mux mux;
    std::deque<Call> early_calls;  ///< came before `run`; at most `max_calls`
    std::optional<std::string> early_status;
    std::map<std::uint64_t, Waiter*> waiting;  ///< our calls; each removes itself
    net::Event change;
    net::TimerPtr timer;
    std::optional<SteadyTime> timer_at;
    net::TaskGroup tasks;  // last: nothing of the above may go before the tasks have ended

private:
    void on_event(ControlEvent& event);
    void on_over();
    void set_timer();
};

}  // namespace adaos::link

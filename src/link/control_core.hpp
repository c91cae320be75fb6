#pragma once
/// The control stream's rules: hello first, then pings, status, calls and goodbye, with all their
/// times and limits. Pure: bytes and `now` in, bytes and events out. docs/protocol/link.md

#include "base/clock.hpp"
#include "base/error.hpp"
#include "link/byte_queue.hpp"
#include "link/control_message.hpp"
#include "link/hello.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>

namespace adaos::link {

/// Calls that wait for their result, each direction. A peer that makes more ends the link.
inline constexpr std::size_t max_calls = 64;

/// A call of ours is decided.
struct CallDone {
    std::uint64_t id = 0;
    Result<std::string> outcome;
};
/// Hello: accepter only, decide by `answer`. HelloAck: dialler only. Call: answer by `reply`.
using ControlEvent = std::variant<Hello, HelloAck, NodeStatus, Call, CallDone>;

class ControlCore {
public:
    /// The accepter waits for a hello, for `times.hello` from `now`.
    ControlCore(SessionTimes times, SteadyTime now);
    /// The dialler says hello and waits for the ack.
    ControlCore(SessionTimes times, SteadyTime now, Hello hello);

    /// Bytes of the control stream.
    void feed(std::span<std::byte const> bytes, SteadyTime now);
    /// Something was heard on the carrier, whatever it was.
    void heard(SteadyTime now) noexcept { last_heard_ = now; }
    /// Does what is due by `now`: pings, gives up.
    void tick(SteadyTime now);
    /// When the next `tick` is of use; absent when nothing is waited for.
    [[nodiscard]] std::optional<SteadyTime> next_tick() const;
    /// Up to `most` bytes to be sent.
    [[nodiscard]] std::string output(std::size_t most);
    /// The next event, oldest first.
    [[nodiscard]] std::optional<ControlEvent> next_event();

    /// Accepter, once, after Hello. Not ok ends the session as `refused`.
    void answer(HelloAck const& ack, SteadyTime now);
    /// Errors: Problem::relay_busy at `max_calls`, link_lost unless open, bad_request and
    /// body_too_large for params. Returns the id that CallDone will carry, exactly once.
    Result<std::uint64_t> call(std::string method, std::string params, SteadyTime deadline);
    /// Nobody waits for that call any more.
    void forget(std::uint64_t id);
    /// The outcome of a Call. One that cannot be sent becomes a problem. Later ones of an id no
    /// longer outstanding are dropped.
    void reply(std::uint64_t id, Result<std::string> const& outcome);
    /// Replaces a status not yet sent. Errors: bad_request, body_too_large.
    Result<void> set_status(std::string json);
    /// Says goodbye and is over.
    void bye(std::string code, std::string detail);
    /// The layer below is over. Nothing when an ending is known already.
    void lost(Ending why);

    [[nodiscard]] bool open() const noexcept { return state_ == State::open && !ending_; }
    [[nodiscard]] std::optional<Ending> const& ending() const noexcept { return ending_; }
    [[nodiscard]] SteadyTime last_heard() const noexcept { return last_heard_; }
    [[nodiscard]] std::size_t calls_out() const noexcept { return calls_.size(); }

private:
    enum class State { wait_hello, deciding, wait_ack, open };
    struct Waiting {
        SteadyTime deadline;
        bool wanted = true;  ///< else decided already; the result is still to come
    };

    void message(std::string_view json, SteadyTime now);
    void on(Hello&& m);
    void on(HelloAck&& m, SteadyTime now);
    void on(NodeStatus&& m);
    void on(Call&& m);
    void on(CallResult const& m);
    void on(Bye const& m);
    void send(ControlMessage const& message);
    [[nodiscard]] std::string next_frame();
    void protocol(std::string detail);
    void become_open(SteadyTime now);

    State state_;
    SessionTimes times_;
    SteadyTime hello_deadline_;
    SteadyTime last_heard_;
    SteadyTime last_ping_{};
    std::optional<Ending> ending_;

    ByteQueue in_;                    ///< at most one message and what came with it
    ByteQueue wire_;                  ///< framed and on its way
    std::deque<std::string> outbox_;  ///< hello, ack, calls and results: bounded by `max_calls`
    std::optional<std::uint64_t> ping_due_;
    std::optional<std::uint64_t> pong_due_;
    std::optional<std::string> status_due_;  ///< framed
    std::optional<std::string> bye_due_;

    std::deque<ControlEvent> events_;
    std::map<std::uint64_t, Waiting> calls_;  ///< ours
    std::set<std::uint64_t> asked_;           ///< the peer's
    std::uint64_t last_call_ = 0;
    std::uint64_t pings_ = 0;
};

}  // namespace adaos::link

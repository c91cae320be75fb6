#include "link/control_core.hpp"

#include "base/problem.hpp"

#include <algorithm>
#include <utility>

namespace adaos::link {
namespace {

constexpr std::size_t length_bytes = 4;

/// A code the peer sent, as far as it looks like one.
std::string clean_code(std::string const& code) {
    auto const fits = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    constexpr std::size_t longest_code = 32;
    bool const good =
        !code.empty() && code.size() <= longest_code && std::all_of(code.begin(), code.end(), fits);
    return good ? code : "peer_closed";
}

}  // namespace

ControlCore::ControlCore(SessionTimes times, SteadyTime now)
    : state_(State::wait_hello),
      times_(times),
      hello_deadline_(now + times.hello),
      last_heard_(now) {}

ControlCore::ControlCore(SessionTimes times, SteadyTime now, Hello hello)
    : state_(State::wait_ack), times_(times), hello_deadline_(now + times.hello), last_heard_(now) {
    send(hello);
}

void ControlCore::feed(std::span<std::byte const> bytes, SteadyTime now) {
    if (ending_) return;
    in_.append(bytes);
    while (!ending_ && in_.size() >= length_bytes) {
        std::size_t length = 0;
        for (auto const b : in_.peek(length_bytes))
            length = length << 8 | std::to_integer<std::size_t>(b);
        if (length == 0 || length > max_control_bytes) return protocol("message length");
        if (in_.size() < length_bytes + length) return;
        std::string const json(as_text(in_.peek(length_bytes + length).subspan(length_bytes)));
        in_.drop(length_bytes + length);
        message(json, now);
    }
}

void ControlCore::message(std::string_view json, SteadyTime now) {
    auto decoded = decode(json);
    if (!decoded) return protocol(decoded.error().context);
    auto& m = *decoded;
    if (std::holds_alternative<UnknownMessage>(m)) return;
    if (auto* const hello = std::get_if<Hello>(&m)) return on(std::move(*hello));
    if (auto* const ack = std::get_if<HelloAck>(&m)) return on(std::move(*ack), now);
    if (state_ != State::open) return protocol("hello must come first");
    if (auto* const ping = std::get_if<Ping>(&m)) pong_due_ = ping->n;
    if (auto* const status = std::get_if<NodeStatus>(&m)) on(std::move(*status));
    if (auto* const asked = std::get_if<Call>(&m)) on(std::move(*asked));
    if (auto* const result = std::get_if<CallResult>(&m)) on(*result);
    if (auto* const goodbye = std::get_if<Bye>(&m)) on(*goodbye);
}

void ControlCore::on(Hello&& m) {
    if (state_ != State::wait_hello) return protocol("hello out of place");
    state_ = State::deciding;
    events_.emplace_back(std::move(m));
}

void ControlCore::on(HelloAck&& m, SteadyTime now) {
    if (state_ != State::wait_ack) return protocol("hello.ack out of place");
    if (m.ok) {
        become_open(now);
    } else {
        ending_ = Ending{"refused", m.error + ": " + m.detail};
    }
    events_.emplace_back(std::move(m));
}

void ControlCore::on(NodeStatus&& m) {
    // The newest wins, also when nobody took the one before.
    if (!events_.empty() && std::holds_alternative<NodeStatus>(events_.back())) events_.pop_back();
    events_.emplace_back(std::move(m));
}

void ControlCore::on(Call&& m) {
    // Results not yet sent count, too: a peer that asks on and reads nothing does not fill us up.
    bool const full = asked_.size() >= max_calls || asked_.size() + outbox_.size() >= 2 * max_calls;
    if (full) return protocol("too many calls");
    if (!asked_.insert(m.id).second) return protocol("call id in use");
    events_.emplace_back(std::move(m));
}

void ControlCore::on(CallResult const& m) {
    auto const at = calls_.find(m.id);
    if (at == calls_.end()) return protocol("result without a call");
    bool const wanted = at->second.wanted;
    calls_.erase(at);
    if (wanted) events_.emplace_back(CallDone{m.id, from_wire(m)});
}

void ControlCore::on(Bye const& m) {
    ending_ = Ending{clean_code(m.code), m.detail};
}

void ControlCore::tick(SteadyTime now) {
    if (ending_ || state_ == State::deciding) return;
    if (state_ != State::open) {
        if (now < hello_deadline_) return;
        ending_ = Ending{"peer_silent", state_ == State::wait_ack ? "no hello.ack" : "no hello"};
        return;
    }
    for (auto& [id, waiting] : calls_) {
        if (!waiting.wanted || now < waiting.deadline) continue;
        waiting.wanted = false;
        events_.emplace_back(CallDone{id, Error(Problem::timed_out, "call over the link")});
    }
    if (now - last_heard_ >= times_.silence) {
        ending_ = Ending{"peer_silent", "nothing was heard for too long"};
    } else if (now - std::max(last_heard_, last_ping_) >= times_.ping) {
        last_ping_ = now;
        ping_due_ = ++pings_;
    }
}

std::optional<SteadyTime> ControlCore::next_tick() const {
    if (ending_ || state_ == State::deciding) return std::nullopt;
    if (state_ != State::open) return hello_deadline_;
    auto next =
        std::min(last_heard_ + times_.silence, std::max(last_heard_, last_ping_) + times_.ping);
    for (auto const& [id, waiting] : calls_)
        if (waiting.wanted) next = std::min(next, waiting.deadline);
    return next;
}

std::string ControlCore::next_frame() {
    auto const framed = [](ControlMessage const& m) { return encode(m).value(); };
    if (pong_due_) return framed(Pong{*std::exchange(pong_due_, std::nullopt)});
    if (ping_due_) return framed(Ping{*std::exchange(ping_due_, std::nullopt)});
    if (!outbox_.empty()) {
        auto frame = std::move(outbox_.front());
        outbox_.pop_front();
        return frame;
    }
    if (status_due_) return *std::exchange(status_due_, std::nullopt);
    if (bye_due_) return *std::exchange(bye_due_, std::nullopt);
    return {};
}

std::string ControlCore::output(std::size_t most) {
    while (wire_.size() < most) {
        auto const frame = next_frame();
        if (frame.empty()) break;
        wire_.append(as_bytes(frame));
    }
    std::string out(as_text(wire_.peek(most)));
    wire_.drop(out.size());
    return out;
}

std::optional<ControlEvent> ControlCore::next_event() {
    if (events_.empty()) return std::nullopt;
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
}

void ControlCore::answer(HelloAck const& ack, SteadyTime now) {
    if (state_ != State::deciding || ending_) return;
    send(ack);
    become_open(now);
    if (!ack.ok) ending_ = Ending{"refused", ack.error + ": " + ack.detail};
}

void ControlCore::become_open(SteadyTime now) {
    state_ = State::open;
    last_heard_ = now;
}

Result<std::uint64_t> ControlCore::call(std::string method, std::string params,
                                        SteadyTime deadline) {
    if (!open()) return Error(Problem::link_lost, "call " + method);
    if (calls_.size() >= max_calls) return Error(Problem::relay_busy, "call " + method);
    Call message;
    message.id = last_call_ + 1;
    message.method = std::move(method);
    message.params = std::move(params);
    auto frame = encode(message);
    if (!frame) return frame.error();
    outbox_.push_back(std::move(*frame));
    calls_.emplace(++last_call_, Waiting{deadline});
    return last_call_;
}

void ControlCore::forget(std::uint64_t id) {
    auto const at = calls_.find(id);
    if (at != calls_.end()) at->second.wanted = false;
}

void ControlCore::reply(std::uint64_t id, Result<std::string> const& outcome) {
    if (ending_ || asked_.erase(id) == 0) return;
    auto frame = encode(to_wire(id, outcome));
    if (!frame) frame = encode(to_wire(id, Error(Problem::internal, "the result cannot be sent")));
    outbox_.push_back(std::move(*frame));
}

Result<void> ControlCore::set_status(std::string json) {
    auto frame = encode(NodeStatus{std::move(json)});
    if (!frame) return frame.error();
    status_due_ = std::move(*frame);
    return {};
}

void ControlCore::bye(std::string code, std::string detail) {
    if (ending_) return;
    if (auto frame = encode(Bye{code, detail})) bye_due_ = std::move(*frame);
    ending_ = Ending{std::move(code), std::move(detail)};
}

void ControlCore::lost(Ending why) {
    if (!ending_) ending_ = std::move(why);
}

void ControlCore::send(ControlMessage const& message) {
    if (auto frame = encode(message)) outbox_.push_back(std::move(*frame));
}

void ControlCore::protocol(std::string detail) {
    if (bye_due_ || ending_) return;
    bye("protocol", std::move(detail));
}

}  // namespace adaos::link

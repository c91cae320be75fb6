#include "link/session.hpp"

#include "base/problem.hpp"
#include "link/session_parts.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace adaos::link {
namespace {

constexpr auto not_cancelled = boost::asio::cancellation_type::none;

/// A session dropped without `run` to its end still has tasks: its parts live until they are gone.
net::Task<void> bury(boost::asio::any_io_executor loop, std::unique_ptr<Session::Parts> parts) {
    co_await boost::asio::post(loop, boost::asio::use_awaitable);
    co_await parts->tasks.stop();
}

}  // namespace

net::Task<Result<std::string>> no_such_call(std::string method) {
    co_return Error(Problem::not_found, "no such call: " + method);
}

Session::Parts::Parts(SessionEnv e, pki::Certificate p, net::StreamPtr carrier, MuxCore::Side side,
                      ControlCore c)
    : env(std::move(e)),
      peer(std::move(p)),
      control(std::move(c)),
      mux(env.loop, env.timers, std::move(carrier), side, MuxLimits()),
      change(env.loop),
      tasks(env.loop, env.log) {}

void Session::Parts::start() {
    Mux::Owner owner;
    owner.on_heard = [this] { control.heard(env.timers.now()); };
    owner.on_control = [this](std::span<std::byte const> bytes) {
        control.feed(bytes, env.timers.now());
    };
    owner.output = [this](std::size_t most) { return control.output(most); };
    owner.on_turn = [this] { pump(); };
    owner.on_end = [this](Ending why) {
        control.lost(std::move(why));
        pump();
    };
    mux.start(tasks, std::move(owner));
    pump();
}

void Session::Parts::pump() {
    while (auto event = control.next_event()) on_event(*event);
    if (serving && !control.ending()) {
        while (auto stream = mux.take_opened()) tasks.spawn(serve_stream(std::move(stream)));
    }
    if (control.ending()) on_over();
    set_timer();
    mux.wake();
    change.notify();
}

void Session::Parts::on_event(ControlEvent& event) {
    if (auto* const said = std::get_if<Hello>(&event)) {
        hello = std::move(*said);
        said_hello = true;
    } else if (auto* const answer = std::get_if<HelloAck>(&event)) {
        ack = std::move(*answer);
        acked = true;
    } else if (auto* const status = std::get_if<NodeStatus>(&event)) {
        if (!serving) {
            early_status = std::move(status->json);
        } else if (handlers.on_status) {
            handlers.on_status(std::move(status->json));
        }
    } else if (auto* const call = std::get_if<Call>(&event)) {
        if (serving) {
            tasks.spawn(serve_call(std::move(*call)));
        } else {
            early_calls.push_back(std::move(*call));
        }
    } else if (auto* const done = std::get_if<CallDone>(&event)) {
        auto const at = waiting.find(done->id);
        if (at == waiting.end()) return;
        at->second->outcome = std::move(done->outcome);
        at->second->done.notify();
    }
}

void Session::Parts::on_over() {
    for (auto& [id, waiter] : waiting) {
        if (!waiter->outcome) waiter->outcome = Error(Problem::link_lost, "call over the link");
        waiter->done.notify();
    }
    auto const& ending = *control.ending();
    if (ending.code == "peer_silent") {
        mux.abort(ending);
    } else {
        mux.finish(ending);
    }
}

void Session::Parts::set_timer() {
    auto const next = control.next_tick();
    if (!next) {
        timer.reset();
        timer_at.reset();
        return;
    }
    // One that is due earlier stays: it looks again. So what is heard costs no timer.
    if (timer_at && *timer_at <= *next) return;
    auto const now = env.timers.now();
    auto const wait = std::chrono::ceil<std::chrono::milliseconds>(*next - now);
    timer_at = next;
    timer = env.timers.call_after(std::max(wait, std::chrono::milliseconds(0)), [this] {
        timer_at.reset();
        control.tick(env.timers.now());
        pump();
    });
}

net::Task<bool> Session::Parts::changed() {
    co_await change.wait();
    auto const state = co_await boost::asio::this_coro::cancellation_state;
    co_return state.cancelled() == not_cancelled;
}

net::Task<void> Session::Parts::serve_stream(net::StreamPtr stream) {
    if (handlers.on_stream) co_await handlers.on_stream(std::move(stream));
}

net::Task<void> Session::Parts::serve_call(Call call) {
    auto const id = call.id;
    auto task = handlers.on_call ? handlers.on_call(std::move(call.method), std::move(call.params))
                                 : no_such_call(std::move(call.method));
    auto const outcome = co_await std::move(task);
    control.reply(id, outcome);
    mux.wake();
}

net::Task<void> Session::Parts::settle() {
    while (!mux.ended()) {
        auto const went_on = co_await changed();
        if (!went_on) mux.abort({"carrier_lost", "the link was dropped"});
    }
}

Session::Session(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Session::~Session() {
    abort();
    if (parts_->tasks.size() == 0) return;
    auto const loop = parts_->env.loop;
    // Not a task of anyone's group: who would own it is gone. It ends when the parts' tasks have.
    boost::asio::co_spawn(loop, bury(loop, std::move(parts_)), [](std::exception_ptr) {});
}

pki::Certificate const& Session::peer_certificate() const {
    return parts_->peer;
}

Hello const& Session::hello() const {
    return parts_->hello;
}

HelloAck const& Session::ack() const {
    return parts_->ack;
}

net::Task<Result<net::StreamPtr>> Session::open() {
    co_return parts_->mux.open();
}

net::Task<Result<std::string>> Session::call(std::string method, std::string params,
                                             std::chrono::milliseconds timeout) {
    auto& p = *parts_;
    auto const id =
        p.control.call(std::move(method), std::move(params), p.env.timers.now() + timeout);
    if (!id) co_return id.error();
    struct Guard {
        Parts& parts;
        std::uint64_t id;
        Parts::Waiter waiter;
        ~Guard() {
            parts.waiting.erase(id);
            parts.control.forget(id);
        }
    } guard{p, *id, Parts::Waiter(p.env.loop)};
    p.waiting.emplace(*id, &guard.waiter);
    p.pump();
    while (!guard.waiter.outcome) {
        co_await guard.waiter.done.wait();
        auto const state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != not_cancelled && !guard.waiter.outcome)
            co_return Error(boost::asio::error::operation_aborted, "call over the link");
    }
    co_return std::move(*guard.waiter.outcome);
}

void Session::send_status(std::string status) {
    auto const set = parts_->control.set_status(std::move(status));
    if (!set) parts_->env.log.warning("status not sent", {{"cause", set.error().message()}});
    parts_->mux.wake();
}

SteadyTime Session::last_heard() const {
    return parts_->control.last_heard();
}

bool Session::alive() const {
    return parts_->control.open() && !parts_->mux.ended();
}

std::size_t Session::open_streams() const {
    return parts_->mux.open_streams();
}

net::Task<Ending> Session::run(SessionHandlers handlers) {
    auto& p = *parts_;
    // Joining is not optional: a cancelled owner gets its Ending all the same.
    auto const throws = co_await boost::asio::this_coro::throw_if_cancelled();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    p.handlers = std::move(handlers);
    p.serving = true;
    if (p.early_status && p.handlers.on_status) p.handlers.on_status(std::move(*p.early_status));
    for (auto& call : std::exchange(p.early_calls, {}))
        p.tasks.spawn(p.serve_call(std::move(call)));
    p.pump();
    while (!p.control.ending()) {
        auto const went_on = co_await p.changed();
        if (!went_on) abort();
    }
    co_await p.settle();
    co_await p.tasks.stop();
    co_await boost::asio::this_coro::throw_if_cancelled(throws);
    co_return *p.control.ending();
}

void Session::end(std::string code, std::string detail) {
    parts_->control.bye(std::move(code), std::move(detail));
    parts_->pump();
}

void Session::abort() noexcept {
    Ending why{"carrier_lost", "the link was aborted"};
    parts_->control.lost(why);
    parts_->mux.abort(std::move(why));
}

}  // namespace adaos::link

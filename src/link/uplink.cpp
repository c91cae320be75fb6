#include "link/uplink.hpp"

#include "base/backoff.hpp"
#include "base/problem.hpp"
#include "link/uplink_dial.hpp"
#include "net/event.hpp"

#include <boost/asio/this_coro.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace adaos::link {
namespace {

/// A session that lived this long was a good one: the next pause is a first one again. One that
/// ended before counts as a failure, else two machines with one identity would chase each other.
constexpr std::chrono::seconds stable_after{30};

/// Who was removed is let in again only after a new join, which wakes us: asking is a formality.
constexpr std::chrono::minutes removed_pause{10};

bool is_final(Error const& error) {
    return error.code == Problem::node_removed || error.code == Problem::certificate_too_old;
}

/// What a session's end means to someone who reads our status.
Error ending_error(Ending const& ending) {
    auto problem = Problem::link_lost;
    if (ending.code == "replaced") problem = Problem::duplicate_identity;
    if (ending.code == "draining") problem = Problem::draining;
    if (ending.code == "protocol") problem = Problem::bad_answer;
    if (ending.code == "node_revoked") problem = Problem::node_removed;
    return Error(problem, ending.code + ": " + ending.detail);
}

}  // namespace

struct Uplink::Parts {
    Parts(Deps d, FindTarget f, SessionHandlers h)
        : deps(std::move(d)),
          find(std::move(f)),
          handlers(std::move(h)),
          backoff(deps.random),
          poke(deps.loop),
          ended(deps.loop) {}

    net::Task<void> round();
    net::Task<void> attempt();
    net::Task<Result<SessionPtr>> dial();
    net::Task<void> serve(SessionPtr made);
    net::Task<Result<void>> renew();
    net::Task<void> say_goodbyes();
    void take(SessionPtr made);
    net::Task<void> join_attempt();
    net::Task<void> pause(UplinkState::Phase phase);
    net::Task<void> wait_poke();
    void set_phase(UplinkState::Phase phase);
    void on_connected(SessionPtr made);
    void on_failed(Error const& error);

    Deps deps;
    FindTarget find;
    Prepare prepare;
    SessionHandlers handlers;
    UplinkState state;
    Backoff backoff;
    net::Event poke;   ///< something of the flags below changed
    net::Event ended;  ///< run() is over
    SessionPtr session;
    std::function<void()> call_on_change;
    std::optional<bool> told_up;      ///< what the last info line said
    std::vector<SessionPtr> serving;  ///< `session`, and older ones that finish their streams
    UplinkState::Phase pause_phase = UplinkState::Phase::waiting;
    bool attempt_done = false;
    bool no_hurry = false;  ///< the upstream has said that asking again soon is of no use
    bool renewing = false;
    bool woken = false;
    bool stopping = false;
    bool cancelled = false;  ///< the owner's task was: no time for goodbyes
    bool running = false;
    std::unique_ptr<net::TaskGroup> sessions;  // while run() runs
    std::unique_ptr<net::TaskGroup> attempts;  // last; one attempt at a time, a group for each
};

void Uplink::Parts::set_phase(UplinkState::Phase phase) {
    if (state.phase != phase || state.since == WallTime()) state.since = deps.clock.wall();
    state.phase = phase;
    if (call_on_change) call_on_change();
}

void Uplink::Parts::on_connected(SessionPtr made) {
    session = std::move(made);
    no_hurry = false;
    state.last_error.clear();
    state.last_error_id.clear();
    state.ack = session->ack();
    ++state.connects;
    if (!told_up.value_or(false)) deps.log.info("link is up", {{"upstream", state.upstream}});
    told_up = true;
    set_phase(UplinkState::Phase::connected);
}

void Uplink::Parts::on_failed(Error const& error) {
    no_hurry = is_final(error);
    auto const& row = describe(error.code);
    state.last_error_id = row.id;
    state.last_error = std::string(row.id) + " " + std::string(row.title) + ": " + error.context;
    Log::Fields const fields{{"upstream", state.upstream}, {"cause", state.last_error}};
    if (told_up.value_or(true) && !stopping) {
        deps.log.info("link is down, trying again until it is back", fields);
        told_up = false;
    } else {
        deps.log.debug("link attempt failed", fields);
    }
}

net::Task<void> Uplink::Parts::wait_poke() {
    co_await poke.wait();
    auto const cancellation = co_await boost::asio::this_coro::cancellation_state;
    if (cancellation.cancelled() == boost::asio::cancellation_type::none) co_return;
    stopping = cancelled = true;
}

net::Task<void> Uplink::Parts::pause(UplinkState::Phase phase) {
    auto wait = backoff.next();
    if (no_hurry) wait += removed_pause;
    state.next_try = deps.clock.wall() + wait;
    set_phase(phase);
    bool elapsed = false;
    auto const timer = deps.timers.call_after(wait, [this, &elapsed] {
        elapsed = true;
        poke.notify();
    });
    while (!elapsed && !woken && !stopping) {
        co_await wait_poke();
    }
    state.next_try.reset();
}

/// What `find` gives, dialled; the session is not served yet.
net::Task<Result<SessionPtr>> Uplink::Parts::dial() {
    auto target = find();
    if (!target) {
        pause_phase = UplinkState::Phase::idle;
        co_return target.error();
    }
    target->hello.overlaps = session != nullptr;
    std::function<void()> on_carrier = [] {};
    if (!session) {
        auto const& url = target->url;
        state.upstream = url.origin() + url.path.substr(0, url.path.find('?'));
        set_phase(UplinkState::Phase::connecting);
        on_carrier = [this] { set_phase(UplinkState::Phase::handshaking); };
    }
    co_return co_await dial_target(deps, std::move(*target), std::move(on_carrier));
}

/// Serves a session to its end. One that was replaced by ours leaves no trace.
net::Task<void> Uplink::Parts::serve(SessionPtr made) {
    auto const began = deps.timers.now();
    auto const ending = co_await made->run(handlers);
    std::erase(serving, made);
    poke.notify();
    if (session != made) co_return;
    session.reset();
    bool const stable = deps.timers.now() - began >= stable_after;
    if (stable || ending.code == "draining") backoff.reset();
    // Our own goodbye (woken, stopping) is no failure of the link.
    if (!woken && !stopping) on_failed(ending_error(ending));
    attempt_done = true;
}

net::Task<void> Uplink::Parts::attempt() {
    auto ready = Result<void>();
    if (prepare) ready = co_await prepare();
    auto dialled = Result<SessionPtr>(Error(Problem::internal, "not dialled"));
    if (ready) {
        dialled = co_await dial();
    } else {
        dialled = ready.error();
    }
    if (dialled && !woken && !stopping) {
        take(std::move(*dialled));
        co_return;
    }
    if (!dialled) on_failed(dialled.error());
    attempt_done = true;
    poke.notify();
}

void Uplink::Parts::take(SessionPtr made) {
    serving.push_back(made);
    sessions->spawn(serve(made));
    on_connected(std::move(made));
}

net::Task<Result<void>> Uplink::Parts::renew() {
    auto const before = session;
    if (!before || renewing) co_return Result<void>();
    renewing = true;
    auto dialled = co_await dial();
    renewing = false;
    if (!dialled) co_return dialled.error();
    bool const wanted = session == before && !woken && !stopping && sessions;
    if (wanted) {
        take(std::move(*dialled));
    } else {
        (*dialled)->abort();  // the link broke meanwhile, and is being made in the ordinary way
    }
    co_return Result<void>();
}

/// All sessions end, each within its linger time; a cancelled owner does not wait for that.
net::Task<void> Uplink::Parts::say_goodbyes() {
    auto const all = serving;
    for (auto const& one : all) one->end("draining", "this end dials anew or stops");
    while (!serving.empty() && !cancelled) {
        co_await wait_poke();
    }
}

/// Ends what is under way: sessions say goodbye, everything before one is cancelled.
net::Task<void> Uplink::Parts::join_attempt() {
    if (woken || stopping) co_await say_goodbyes();
    co_await attempts->stop();
    attempts.reset();
}

net::Task<void> Uplink::Parts::round() {
    woken = false;
    attempt_done = false;
    pause_phase = UplinkState::Phase::waiting;
    attempts = std::make_unique<net::TaskGroup>(deps.loop, deps.log);
    attempts->spawn(attempt());
    while (!attempt_done && !woken && !stopping) {
        co_await wait_poke();
    }
    co_await join_attempt();
    if (!woken && !stopping) co_await pause(pause_phase);
}

Uplink::Uplink(Deps deps, FindTarget find, SessionHandlers handlers)
    : parts_(std::make_unique<Parts>(std::move(deps), std::move(find), std::move(handlers))) {}

Uplink::~Uplink() = default;

net::Task<void> Uplink::run() {
    auto& p = *parts_;
    // Joining is not optional: when our owner cancels us, the attempt under way is ended first.
    auto const throws = co_await boost::asio::this_coro::throw_if_cancelled();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    p.running = true;
    p.sessions = std::make_unique<net::TaskGroup>(p.deps.loop, p.deps.log);
    while (!p.stopping) {
        co_await p.round();
    }
    co_await p.sessions->stop();
    p.sessions.reset();
    p.session.reset();
    p.set_phase(UplinkState::Phase::idle);
    p.running = false;
    p.ended.notify();
    co_await boost::asio::this_coro::throw_if_cancelled(throws);
}

void Uplink::wake(std::string reason) {
    parts_->deps.log.debug("link is dialled anew", {{"cause", std::move(reason)}});
    parts_->woken = true;
    parts_->backoff.reset();
    parts_->poke.notify();
}

net::Task<Result<void>> Uplink::renew() {
    co_return co_await parts_->renew();
}

void Uplink::prepare_with(Prepare prepare) {
    parts_->prepare = std::move(prepare);
}

net::Task<void> Uplink::stop() {
    auto& p = *parts_;
    p.stopping = true;
    p.poke.notify();
    while (p.running) {
        co_await p.ended.wait();
    }
}

UplinkState const& Uplink::state() const noexcept {
    return parts_->state;
}

bool Uplink::connected() const noexcept {
    auto const& p = *parts_;
    if (p.state.phase != UplinkState::Phase::connected || !p.session) return false;
    return p.session->alive() &&
           p.deps.timers.now() - p.session->last_heard() < p.deps.times.silence;
}

bool Uplink::refused_for_good() const noexcept {
    return parts_->no_hurry;
}

SessionPtr Uplink::session() const noexcept {
    return parts_->session;
}

void Uplink::on_change(std::function<void()> call) {
    parts_->call_on_change = std::move(call);
}

std::string_view phase_name(UplinkState::Phase phase) noexcept {
    switch (phase) {
        case UplinkState::Phase::idle: return "idle";
        case UplinkState::Phase::connecting: return "connecting";
        case UplinkState::Phase::handshaking: return "handshaking";
        case UplinkState::Phase::connected: return "connected";
        case UplinkState::Phase::waiting: return "waiting";
    }
    return "unknown";
}

}  // namespace adaos::link

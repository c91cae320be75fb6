#include "api/pake_door.hpp"

#include "api/attempt.hpp"
#include "api/caller.hpp"
#include "api/open_pages.hpp"
#include "base/problem.hpp"

#include <algorithm>

namespace adaos::api {
namespace {

constexpr char const* finish_path = "/v1/join/finish";

}  // namespace

struct PakeDoor::Run {
    explicit Run(enrol::PakeServer begun) : server(std::move(begun)) {}

    enrol::PakeServer server;
    enrol::Grants::Proof proof;  ///< its source: the address of the other side
    std::string source;          ///< by which its runs are counted
    net::TimerPtr end;
    std::uint64_t number = 0;
    bool is_charged = false;  ///< a try is paid for, or being paid for
    bool is_proved = false;   ///< the code was right
    bool is_busy = false;     ///< a request of this run is under way
    // What was answered, for a request that comes again because its answer was lost.
    std::string share_body, share_answer, finish_body, finish_answer;
};

PakeDoor::PakeDoor(JoinDoor& door, std::string authority_id, net::Timers& timers)
    : door_(door), authority_id_(std::move(authority_id)), timers_(timers) {
    auto& desk = door_.desk();
    desk.note("joins that an earlier process left open were not counted",
              [&desk](auto& db) { return desk.grants(db).fail_open_proofs(); });
}

PakeDoor::~PakeDoor() = default;

void PakeDoor::add_routes(Router& router) {
    router.add("POST", "/v1/join/params",
               [this](net::Exchange& exchange, PathParts) { return params(exchange); });
    router.add("POST", "/v1/join/share",
               [this](net::Exchange& exchange, PathParts) { return share(exchange); });
    router.add("POST", finish_path,
               [this](net::Exchange& exchange, PathParts) { return finish(exchange); });
}

std::size_t PakeDoor::runs_of(std::string const& source) const {
    return static_cast<std::size_t>(std::count_if(
        runs_.begin(), runs_.end(), [&](auto const& run) { return run.second->source == source; }));
}

/// Of what is kept only to be sent again; `source` empty: of anybody's.
bool PakeDoor::drop_oldest_answer(std::string const& source) {
    auto oldest = runs_.end();
    for (auto it = runs_.begin(); it != runs_.end(); ++it) {
        auto const& run = *it->second;
        bool const is_answered = !run.finish_body.empty() && !run.is_busy;
        if (!is_answered || (!source.empty() && run.source != source)) continue;
        if (oldest == runs_.end() || run.number < oldest->second->number) oldest = it;
    }
    if (oldest == runs_.end()) return false;
    runs_.erase(oldest);
    return true;
}

bool PakeDoor::make_room(std::string const& source) {
    if (runs_of(source) >= max_proofs_a_source && !drop_oldest_answer(source)) return false;
    if (runs_.size() < max_proofs || drop_oldest_answer("")) return true;
    std::map<std::string, std::size_t> counts;
    for (auto const& [sid, run] : runs_) ++counts[run->source];
    auto least = runs_.end();
    for (auto it = runs_.begin(); it != runs_.end(); ++it) {
        auto const& run = *it->second;
        if (run.is_busy) continue;
        auto const rank = [&](Run const& r) {
            return std::pair(max_proofs - counts[r.source], r.number);
        };
        if (least == runs_.end() || rank(run) < rank(*least->second)) least = it;
    }
    if (least == runs_.end()) return false;
    expire(least->first);
    return true;
}

PakeDoor::RunPtr PakeDoor::find(enrol::PakeSid const& sid) const {
    auto const it = runs_.find(sid);
    return it == runs_.end() ? nullptr : it->second;
}

void PakeDoor::expire(enrol::PakeSid const& sid) {
    auto const it = runs_.find(sid);
    if (it == runs_.end()) return;
    auto const run = it->second;
    runs_.erase(it);
    // Whoever got the share could try one code with it, and did not come back with the right one.
    if (!run->is_charged || run->is_proved) return;
    // No more of these than the throttle lets through: about one a second.
    door_.log().warning("a wrong join code was tried",
                        {{"source", run->proof.source}, {"slot", run->proof.slot}});
    settle(*run, "an abandoned join was not counted against its address",
           &enrol::Grants::proof_failed);
}

void PakeDoor::settle(Run& run, std::string otherwise,
                      Result<void> (enrol::Grants::*how)(std::string_view run)) {
    auto& desk = door_.desk();
    desk.note(std::move(otherwise), [&desk, how, id = run.proof.run](auto& db) {
        auto grants = desk.grants(db);
        return (grants.*how)(id);
    });
}

net::Task<void> PakeDoor::params(net::Exchange& exchange) {
    auto body = co_await attempt_body(exchange, door_.desk(), Overheard::maybe);
    if (!body) co_return;
    auto const request = enrol::parse_params_request(*body);
    if (!request) {
        co_await refuse_attempt(exchange, door_.desk(), request.error());
        co_return;
    }
    auto const address = caller_address(exchange);
    auto const source = enrol::throttle_source(address);
    if (!make_room(source)) {
        Error error(Problem::code_throttled, "too many joins are under way");
        co_await refuse_attempt(exchange, door_.desk(), std::move(error));
        co_return;
    }
    using Provable = enrol::Grants::Provable;
    auto& desk = door_.desk();
    std::function<Result<Provable>(store::Database&)> const job =
        [&desk, slot = request->slot, address,
         subnet = door_.subnet_id()](auto& db) -> Result<Provable> {
        auto grants = desk.grants(db);
        if (auto ok = grants.may_try(address); ok.has_error()) return ok.error();
        return grants.provable(slot, subnet);
    };
    auto provable = co_await desk.ask<Provable>(job);
    if (!provable) {
        co_await refuse_attempt(exchange, door_.desk(), provable.error());
        co_return;
    }
    auto const run = std::make_shared<Run>(
        enrol::PakeServer(*body, authority_id_, std::move(provable->verifier), desk.random()));
    run->proof = {to_hex(run->server.sid()), request->slot, provable->grant_id, address};
    run->source = source;
    run->number = ++begun_;
    auto const sid = run->server.sid();
    run->end = timers_.call_after(proof_life, [this, sid] { expire(sid); });
    runs_.emplace(sid, run);
    auto answer = run->server.params_body();
    (void)co_await net::respond_json(exchange, 200, std::move(answer));
}

net::Task<void> PakeDoor::share(net::Exchange& exchange) {
    auto const body = co_await attempt_body(exchange, door_.desk(), Overheard::maybe);
    if (!body) co_return;
    auto const message = enrol::parse_share(*body);
    if (!message) {
        co_await refuse_attempt(exchange, door_.desk(), message.error());
        co_return;
    }
    auto const run = find(message->sid);
    if (!run || run->is_busy || (!run->share_body.empty() && run->share_body != *body)) {
        Error error(Problem::bad_request, "no such run, or it is over: begin again with params");
        co_await refuse_attempt(exchange, door_.desk(), std::move(error));
        co_return;
    }
    if (run->share_body.empty()) {
        run->is_busy = run->is_charged = true;
        auto& desk = door_.desk();
        std::function<Result<void>(store::Database&)> const job =
            [&desk, proof = run->proof](auto& db) { return desk.grants(db).charge_proof(proof); };
        auto const charged = co_await desk.ask<void>(job);
        run->is_busy = false;
        if (!charged) {
            runs_.erase(message->sid);
            co_await refuse_attempt(exchange, door_.desk(), charged.error());
            co_return;
        }
        auto const answer = run->server.take_share(*message);
        if (!answer) {
            expire(message->sid);
            co_await answer_error(exchange, answer.error());
            co_return;
        }
        run->share_body = *body;
        run->share_answer = enrol::write_json(*answer);
    }
    auto answer = run->share_answer;
    (void)co_await net::respond_json(exchange, 200, std::move(answer));
}

net::Task<void> PakeDoor::finish(net::Exchange& exchange) {
    auto const body = co_await attempt_body(exchange, door_.desk(), Overheard::maybe);
    if (!body) co_return;
    auto const message = enrol::parse_finish(*body);
    if (!message) {
        co_await refuse_attempt(exchange, door_.desk(), message.error());
        co_return;
    }
    auto const run = find(message->sid);
    if (!run || run->is_busy || (!run->finish_body.empty() && run->finish_body != *body)) {
        Error error(Problem::bad_request, "no such run, or it is over: begin again with params");
        co_await refuse_attempt(exchange, door_.desk(), std::move(error));
        co_return;
    }
    if (run->finish_body.empty()) {
        auto order = run->server.take_finish(*message);
        if (!order) {
            expire(message->sid);
            co_await answer_error(exchange, order.error());
            co_return;
        }
        run->is_busy = run->is_proved = true;
        auto const outcome = co_await redeem(run, std::move(*order));
        run->is_busy = false;
        auto const sealed = run->server.seal_answer(outcome);
        if (!sealed) {
            runs_.erase(message->sid);
            co_await answer_error(exchange, sealed.error());
            co_return;
        }
        run->finish_body = *body;
        run->finish_answer = enrol::write_json(*sealed);
    } else {
        door_.log().info("join answer sent again", {{"source", run->proof.source}});
    }
    auto answer = run->finish_answer;
    (void)co_await net::respond_json(exchange, 200, std::move(answer));
}

/// What goes into the box: the plain door's answer, or a problem.
net::Task<std::string> PakeDoor::redeem(RunPtr run, std::string order_json) {
    auto constexpr lost = "a right proof was left open: the next start takes it for a wrong one";
    auto order = parse_join_order(order_json);
    if (!order) {
        settle(*run, lost, &enrol::Grants::close_proof);
        door_.desk().count_refusal(run->proof.source, finish_path, order.error());
        co_return net::problem_json(order.error());
    }
    order->door = finish_path;
    order->proved_grant_id = run->proof.grant_id;
    order->proof = run->proof.run;
    order->source = run->proof.source;
    auto done = co_await door_.admit(std::move(*order));
    if (!done) {
        settle(*run, lost, &enrol::Grants::close_proof);
        co_return net::problem_json(done.error());
    }
    co_return std::move(*done);
}

}  // namespace adaos::api

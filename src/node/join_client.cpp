#include "node/join_client.hpp"

#include "base/backoff.hpp"
#include "base/problem.hpp"
#include "node/answer.hpp"
#include "node/join_pause.hpp"
#include "node/prove_code.hpp"

#include <algorithm>

namespace adaos::node {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds report_step = 5s;
/// One knock waits at most so long, so that a lost packet does not cost the whole --timeout.
constexpr std::chrono::milliseconds knock_limit = 15s;
/// So often a run that its door has lost is begun again: each may have cost the code a try, and the
/// fifth ends it.
constexpr int max_lost_runs = 3;

std::string reason(Error const& error) {
    return error.context.empty() ? error.message() : error.context;
}

}  // namespace

JoinClient::JoinClient(net::Network& network, net::Timers& timers, Random& random, JoinOrder order,
                       std::function<void(std::string_view)> say)
    : network_(network),
      timers_(timers),
      random_(random),
      order_(std::move(order)),
      say_(std::move(say)),
      end_(timers.now() + order_.timeout) {}

std::chrono::milliseconds JoinClient::left() const {
    auto const rest = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - timers_.now());
    return std::max(rest, 0ms);
}

void JoinClient::report() {
    auto const seconds = std::chrono::ceil<std::chrono::seconds>(left()).count();
    say_("joining: waiting for " + order_.root.origin() + ": " + blocked_by_ + " (" +
         std::to_string(seconds) + " s left)");
}

void JoinClient::report_every_so_often() {
    reporter_ = timers_.call_after(report_step, [this] {
        report();
        report_every_so_often();
    });
}

Result<JoinReply> JoinClient::fail(Error error, bool refused) {
    // A knock that the end of --timeout cuts off tells nothing: the cause is what was there before.
    bool const is_cut_off = error.code == Problem::timed_out && left() == 0ms;
    if (is_cut_off && failure_.error.code) {
        failure_.error.retry_after_seconds = 0;  // that time is over
        return failure_.error;
    }
    bool const is_strange =
        error.code == Problem::not_adaos || error.code == Problem::no_join_endpoint;
    if (is_strange) error.context += " at " + order_.root.origin();
    failure_.error = error;
    failure_.refused = refused;
    return error;
}

net::Task<Result<net::Reply>> JoinClient::post(std::string path, std::string body) {
    net::Fetch request;
    request.method = "POST";
    request.url = order_.root;
    request.url.path = std::move(path);
    request.fields = json_fields();
    request.body = std::move(body);
    request.trust = order_.trust;
    request.timeout = std::min(left(), knock_limit);
    co_return co_await net::fetch(network_, timers_, std::move(request));
}

net::Task<Result<JoinReply>> JoinClient::knock() {
    may_pass_ = false;
    PostTo const send = [this](std::string path, std::string body) {
        return post(std::move(path), std::move(body));
    };
    ProofTrace trace;
    auto const proof = co_await prove_code(send, order_.code, order_.order, random_, trace);
    if (proof) {
        bool const at_root = proof->authority_id == "root";
        co_return JoinReply{proof->body, order_.root.origin(), at_root};
    }
    if (trace.is_lost) ++lost_runs_;
    may_pass_ = trace.may_pass && lost_runs_ <= max_lost_runs;
    bool const refused = trace.is_refused;
    failure_.unsettled = failure_.unsettled || (trace.is_sent && !refused);
    co_return fail(proof.error(), refused);
}

net::Task<Result<JoinReply>> JoinClient::run() {
    say_("joining: asking " + order_.root.origin());
    blocked_by_ = "no answer yet";
    report_every_so_often();
    Backoff backoff(random_);
    for (bool first = true;; first = false) {
        auto reply = co_await knock();
        if (reply) {
            reporter_.reset();
            co_return reply;
        }
        FailedKnock const failed{reply.error(), may_pass_, backoff.next(), left()};
        auto const pause = pause_after(failed);
        bool const is_throttled = failed.error.code == Problem::code_throttled;
        if (is_throttled) failure_.error = with_time_to_come_back(failed.error);
        if (!pause) {
            reporter_.reset();
            co_return failure_.error;
        }
        blocked_by_ = reason(failure_.error);
        if (first || is_throttled) report();
        co_await net::sleep(timers_, *pause);
    }
}

}  // namespace adaos::node

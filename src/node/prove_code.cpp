#include "node/prove_code.hpp"

#include "base/problem.hpp"
#include "enrol/pake.hpp"
#include "node/answer.hpp"

namespace adaos::node {
namespace {

/// A step whose answer was lost is sent again so often: the door keeps the answer for a minute, and
/// a new run would cost another try at the code.
constexpr int step_tries = 3;

bool is_transient(Error const& error) {
    return error.code == Problem::unreachable || error.code == Problem::timed_out ||
           error.code == Problem::link_lost;
}

/// The door's answer to one step; its problem when it is no success.
net::Task<Result<std::string>> step(PostTo post, std::string path, std::string body,
                                    ProofTrace& trace) {
    Result<net::Reply> reply(net::Reply{});
    for (int i = 0; i < step_tries; ++i) {
        auto copy = body;
        reply = co_await post(path, std::move(copy));
        if (reply || !is_transient(reply.error())) break;
    }
    if (!reply) {
        trace.may_pass = is_transient(reply.error());
        co_return reply.error();
    }
    auto const status = reply->head.status;
    if (status / 100 == 2) co_return std::move(reply->body);
    auto error = join_problem_of(*reply);
    // Runs are in the door's memory. What it did with the order before it forgot it is not known.
    trace.is_lost = trace.is_begun && error.code == Problem::bad_request;
    bool const no_route = (status == 404 || status == 405) && !is_join_refusal(*reply);
    // A door that began a run is there.
    if (no_route && !trace.is_begun)
        co_return Error(Problem::no_join_endpoint, "HTTP " + std::to_string(status));
    // Another's 4xx, a proxy's, does not say what the door did.
    trace.is_refused = status / 100 == 4 && status != 429 && is_problem(*reply) && !trace.is_lost;
    trace.may_pass = status / 100 == 5 || trace.is_lost;
    co_return error;
}

/// The box holds the answer of the plain door, or its problem.
Result<Proof> read_box(std::string text, std::string authority_id, ProofTrace& trace) {
    net::Reply inside;
    inside.head.status = 409;  // a problem tells its own by its id
    inside.body = std::move(text);
    if (!is_problem(inside)) return Proof{std::move(inside.body), std::move(authority_id)};
    auto error = problem_of(inside);
    auto const status = describe(error.code).http_status;
    trace.is_refused = status / 100 == 4;
    trace.may_pass = status / 100 == 5;
    return error;
}

}  // namespace

net::Task<Result<Proof>> prove_code(PostTo post, Secret code, std::string order, Random& random,
                                    ProofTrace& trace) {
    enrol::PakeClient client(std::move(code), random);
    auto request = client.params_body();
    auto const params = co_await step(post, "/v1/join/params", std::move(request), trace);
    if (!params) co_return params.error();
    auto const share = client.take_params(*params);
    if (!share) co_return share.error();
    trace.is_begun = true;

    auto offer = enrol::write_json(*share);
    auto const offered = co_await step(post, "/v1/join/share", std::move(offer), trace);
    if (!offered) co_return offered.error();
    auto const met = enrol::parse_share_answer(*offered);
    if (!met) co_return met.error();
    auto const finish = client.take_share(*met, order);
    if (!finish) {
        trace.is_refused = true;
        auto goodbye = enrol::write_json(client.give_up());
        (void)co_await post("/v1/join/finish", std::move(goodbye));
        co_return Error(finish.error().code);  // its context is for programmers
    }

    trace.is_sent = true;
    auto sealed_order = enrol::write_json(*finish);
    auto const finished = co_await step(post, "/v1/join/finish", std::move(sealed_order), trace);
    if (!finished) co_return finished.error();
    auto const box = enrol::parse_finish_answer(*finished);
    if (!box) co_return box.error();
    auto text = client.take_finish(*box);
    if (!text) co_return text.error();
    co_return read_box(std::move(*text), client.authority_id(), trace);
}

}  // namespace adaos::node

#include "node/agent_client.hpp"

#include "base/problem.hpp"
#include "net/http_problem.hpp"
#include "net/tls_mutual.hpp"

namespace adaos::node {
namespace {

net::Fetch request_to(ControlPlane const& to, char const* method, char const* path) {
    net::Fetch request;
    request.method = method;
    request.url = to.url;
    request.url.path = path;
    request.timeout = to.timeout;
    return request;
}

}  // namespace

Error remote_error(net::Reply const& reply, std::string const& where) {
    auto const said = net::read_problem(reply.body);
    auto const* const known = said ? find_problem(said->code) : nullptr;
    auto const status = std::to_string(reply.head.status);
    if (known == nullptr) return Error(Problem::bad_answer, where + " answered " + status);
    // One that has no more to say repeats its title.
    bool const says_more = !said->detail.empty() && said->detail != known->title;
    return Error(known->problem, says_more ? said->detail : where);
}

net::Task<Result<std::string>> fetch_pinned_ca(ControlPlane control_plane) {
    auto request = request_to(control_plane, "GET", "/v1/ca");
    auto const where = request.url.origin() + request.url.path;
    net::TlsTrust nobody_yet;
    nobody_yet.anyone = true;
    std::optional<net::TlsIdentity> const none;
    auto const context = net::make_strict_client(nobody_yet, none);
    if (!context) co_return context.error();
    auto const reply = co_await net::fetch_with(control_plane.network, control_plane.timers,
                                                std::move(request), *context);
    if (!reply) co_return reply.error();
    if (reply->head.status != 200) co_return remote_error(*reply, where);
    auto found = find_pinned_ca(reply->body, control_plane.pin);
    if (!found) co_return with_context(found.error(), where);
    co_return found->to_pem();
}

net::Task<Result<AgentAnswer>> redeem_token(ControlPlane control_plane, std::string body,
                                            RedeemTrace& trace) {
    auto request = request_to(control_plane, "POST", "/v1/nodes/join");
    auto const where = request.url.origin() + request.url.path;
    request.fields.add("Content-Type", "application/json");
    request.body = std::move(body);
    request.sent = &trace.is_sent;
    net::TlsTrust pinned;
    pinned.ca_fingerprint = control_plane.pin;
    std::optional<net::TlsIdentity> const none;
    auto const context = net::make_strict_client(pinned, none);
    if (!context) co_return context.error();
    auto const reply = co_await net::fetch_with(control_plane.network, control_plane.timers,
                                                std::move(request), *context);
    if (!reply) co_return reply.error();
    if (reply->head.status != 201) {
        trace.is_refused = reply->head.status >= 400 && reply->head.status < 500 &&
                           reply->head.status != 408 && reply->head.status != 429;
        co_return remote_error(*reply, where);
    }
    auto answer = parse_agent_answer(reply->body);
    if (!answer) co_return with_context(answer.error(), where);
    co_return answer;
}

}  // namespace adaos::node

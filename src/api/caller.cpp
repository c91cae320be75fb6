#include "api/caller.hpp"

#include "api/open_pages.hpp"
#include "base/bytes.hpp"
#include "base/problem.hpp"

namespace adaos::api {

std::string presented_token(net::RequestHead const& head) {
    if (auto const* const own = head.fields.find("x-adaos-token")) return *own;
    auto const* const auth = head.fields.find("authorization");
    if (auth == nullptr || auth->size() < 7 ||
        !equal_ignoring_case(std::string_view(*auth).substr(0, 7), "bearer "))
        return {};
    return std::string(trim(std::string_view(*auth).substr(7)));
}

void drop_credentials(net::RequestHead& head, bool known) {
    bool const by_header = head.fields.find("x-adaos-token") != nullptr;
    if (by_header) head.fields.remove("x-adaos-token");
    if (!by_header && known && !presented_token(head).empty()) head.fields.remove("authorization");
}

std::string caller_address(net::Exchange& exchange) {
    auto const& peer = exchange.peer();
    if (peer.via == net::Peer::Via::socket) return peer.address;
    auto const* const seen = exchange.request().fields.find("x-forwarded-for");
    if (seen == nullptr) return {};
    return std::string(trim(std::string_view(*seen).substr(0, seen->find(','))));
}

std::optional<enrol::Scope> local_scope(net::Peer const& peer, net::RequestHead const& head,
                                        Secret const& control_token) {
    if (peer.via != net::Peer::Via::socket || !peer.loopback) return std::nullopt;
    if (control_token.empty()) return std::nullopt;
    // Something in front of us passed a stranger's request on: that is no local call.
    if (head.fields.find("forwarded") != nullptr || head.fields.find("x-forwarded-for") != nullptr)
        return std::nullopt;
    auto const token = presented_token(head);
    if (!equal_constant_time(as_bytes(token), as_bytes(control_token.reveal())))
        return std::nullopt;
    return enrol::Scope::admin;
}

enrol::Scope needed_for(net::RequestHead const& head) {
    bool const reads = head.method == "GET" || head.method == "HEAD" || head.method == "OPTIONS";
    bool const upgrades = head.fields.find("upgrade") != nullptr;
    return reads && !upgrades ? enrol::Scope::view : enrol::Scope::developer;
}

net::Task<bool> allow(net::Exchange& exchange, std::optional<enrol::Scope> has,
                      enrol::Scope needs) {
    if (has && *has >= needs) co_return true;
    auto const problem = has ? Problem::forbidden : Problem::unauthorized;
    auto const scope = std::string(enrol::scope_name(needs));
    Error error(problem, "this needs the scope " + scope);
    if (has) {
        auto json = net::problem_json(error);
        json.pop_back();  // its brace
        json += ",\"details\":{\"required\":\"" + scope + "\"}}";
        co_await answer_problem_json(exchange, 403, std::move(json));
        co_return false;
    }
    net::Fields extra;
    (void)co_await net::respond_problem(exchange, std::move(error), std::move(extra));
    co_return false;
}

net::Task<std::optional<Caller>> allowed_caller(net::Exchange& exchange, WhoCalls const& who,
                                                enrol::Scope needs) {
    auto caller = co_await who(exchange);
    auto const scope = caller ? std::optional(caller->scope) : std::nullopt;
    auto const may = co_await allow(exchange, scope, needs);
    if (!may) co_return std::nullopt;
    co_return caller;
}

net::Task<std::optional<Caller>> admin_only(net::Exchange& exchange, WhoCalls const& who) {
    return allowed_caller(exchange, who, enrol::Scope::admin);
}

bool is_unheard(net::Peer const& peer) {
    return peer.via == net::Peer::Via::socket && (peer.tls || peer.loopback);
}

}  // namespace adaos::api

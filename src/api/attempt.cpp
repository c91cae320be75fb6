#include "api/attempt.hpp"

#include "api/caller.hpp"
#include "api/open_pages.hpp"
#include "base/problem.hpp"

namespace adaos::api {

void count_refusal(net::Exchange& exchange, Desk& desk, Error const& why, std::string door) {
    if (door.empty()) door = exchange.request().path();
    desk.count_refusal(caller_address(exchange), door, why);
}

net::Task<void> refuse_attempt(net::Exchange& exchange, Desk& desk, Error why) {
    count_refusal(exchange, desk, why);
    co_await answer_error(exchange, std::move(why));
}

net::Task<Result<std::string>> read_attempt(net::Exchange& exchange, Overheard overheard) {
    if (overheard == Overheard::never && !is_unheard(exchange.peer()))
        co_return Error(Problem::join_needs_proof, "this connection is not TLS");
    co_return co_await read_json_body(exchange);
}

net::Task<std::optional<std::string>> attempt_body(net::Exchange& exchange, Desk& desk,
                                                   Overheard overheard) {
    auto body = co_await read_attempt(exchange, overheard);
    if (!body) {
        co_await refuse_attempt(exchange, desk, body.error());
        co_return std::nullopt;
    }
    co_return std::move(*body);
}

}  // namespace adaos::api

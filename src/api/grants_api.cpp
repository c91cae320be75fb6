#include "api/grants_api.hpp"

#include "api/open_pages.hpp"
#include "api/query.hpp"
#include "base/problem.hpp"

namespace adaos::api {

void GrantsApi::add_routes(Router& router) {
    auto const route = [&](char const* method, char const* pattern, char const* op) {
        router.add(method, pattern, [this, op](net::Exchange& exchange, PathParts parts) {
            return serve(exchange, op, std::move(parts));
        });
    };
    route("POST", "/v1/enrol/grants", "create");
    route("GET", "/v1/enrol/grants", "list");
    route("GET", "/v1/enrol/grants/{id}", "show");
    route("DELETE", "/v1/enrol/grants/{id}", "revoke");
    route("GET", "/v1/enrol/grants/{id}/redemptions", "redemptions");
    route("GET", "/v1/enrol/grants/{id}/audit", "audit");
    route("GET", "/v1/audit", "audit");
}

net::Task<void> GrantsApi::serve(net::Exchange& exchange, std::string op, PathParts parts) {
    auto const caller = co_await admin_only(exchange, deps_.who);
    if (!caller) co_return;
    GrantCall call{op, parts.empty() ? std::string() : parts.front(),
                   std::string(exchange.request().query()), ""};
    if (op == "create") {
        auto body = co_await json_body(exchange);
        if (!body) co_return;
        call.body = std::move(*body);
    }
    Actor actor{caller->actor, caller_address(exchange)};
    auto answer = co_await deps_.books.answer(std::move(call), std::move(actor));
    if (!answer) {
        co_await answer_error(exchange, answer.error());
        co_return;
    }
    if (op == "create") {
        auto const meant = parse_authority(exchange.request().query());
        bool const at_root = meant && *meant == Authority::root;
        Created created{"grants/", "id", at_root ? "?authority=root" : ""};
        co_await answer_created(exchange, std::move(*answer), std::move(created));
        co_return;
    }
    (void)co_await net::respond_json(exchange, 200, std::move(*answer));
}

}  // namespace adaos::api

#include "api/access_door.hpp"

#include "api/open_pages.hpp"
#include "api/query.hpp"
#include "base/problem.hpp"

namespace adaos::api {
namespace {

constexpr char const* tokens_path = "/api/access/tokens";

}  // namespace

void AccessDoor::add_routes(Router& router) {
    router.add("GET", tokens_path,
               [this](net::Exchange& exchange, PathParts) { return list(exchange); });
    router.add("POST", tokens_path,
               [this](net::Exchange& exchange, PathParts) { return create(exchange); });
    router.add("DELETE", std::string(tokens_path) + "/{id}",
               [this](net::Exchange& exchange, PathParts parts) {
                   return revoke(exchange, std::move(parts[0]));
               });
}

net::Task<void> AccessDoor::list(net::Exchange& exchange) {
    auto const caller = co_await admin_only(exchange, deps_.who);
    if (!caller) co_return;
    auto const asked = check_query(exchange.request().query(), {});
    Result<std::vector<enrol::AccessToken>> all(std::vector<enrol::AccessToken>{});
    if (asked)
        all = co_await deps_.desk.tokens();
    else
        all = asked.error();
    if (!all) {
        co_await answer_error(exchange, all.error());
        co_return;
    }
    auto json = access_tokens_json(*all);
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

net::Task<void> AccessDoor::create(net::Exchange& exchange) {
    auto const caller = co_await admin_only(exchange, deps_.who);
    if (!caller) co_return;
    auto const body = co_await json_body(exchange);
    if (!body) co_return;
    auto const request = parse_access_request(*body);
    if (!request) {
        co_await answer_error(exchange, request.error());
        co_return;
    }
    auto const scope = enrol::parse_scope(request->scope);
    auto const ttl = enrol::parse_duration(request->ttl);
    if (!scope || !ttl) {
        Error error(Problem::invalid_field,
                    scope ? ttl.error().context : "scope: view, developer, operate or admin");
        co_await answer_error(exchange, std::move(error));
        co_return;
    }
    auto const created =
        co_await deps_.desk.create_token(request->name, *scope, *ttl, caller->actor);
    if (!created) {
        co_await answer_error(exchange, created.error());
        co_return;
    }
    auto json = access_created_json(*created);
    (void)co_await net::respond_json(exchange, 201, std::move(json));
}

net::Task<void> AccessDoor::revoke(net::Exchange& exchange, std::string id) {
    auto const caller = co_await admin_only(exchange, deps_.who);
    if (!caller) co_return;
    auto const done = co_await deps_.desk.revoke_token(id, caller->actor);
    if (!done) {
        co_await answer_error(exchange, done.error());
        co_return;
    }
    auto json = access_revoked_json(id);
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

}  // namespace adaos::api

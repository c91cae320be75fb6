#include "root/code_door.hpp"

#include "api/open_pages.hpp"
#include "base/problem.hpp"
#include "root/link_calls.hpp"

#include <algorithm>

namespace adaos::root {

void CodeDoor::add_route(api::Router& router) {
    router.add("POST", "/v1/subnets/join-code",
               [this](net::Exchange& exchange, api::PathParts) { return create(exchange); });
}

net::Task<void> CodeDoor::create(net::Exchange& exchange) {
    auto const caller = co_await api::admin_only(exchange, deps_.who);
    if (!caller) co_return;
    auto body = co_await api::json_body(exchange);
    if (!body) co_return;
    auto made = co_await mint(std::move(*body), caller->actor);
    if (!made) {
        co_await api::answer_error(exchange, made.error());
        co_return;
    }
    api::Created created{"../enrol/grants/", "grant_id"};
    co_await api::answer_created(exchange, std::move(*made), std::move(created));
}

net::Task<Result<std::string>> CodeDoor::mint(std::string body, std::string actor) {
    auto const wish = parse_code_order(body);
    if (!wish) co_return wish.error();
    auto const hubs = co_await deps_.desk.hubs();
    if (!hubs) co_return hubs.error();
    auto const is_it = [&](registry::Node const& hub) { return hub.subnet_id == wish->subnet_id; };
    if (std::none_of(hubs->begin(), hubs->end(), is_it))
        co_return Error(Problem::subnet_unknown, wish->subnet_id);
    enrol::MintOrder order;
    order.kind = enrol::Kind::member;
    order.subnet_id = wish->subnet_id;
    order.created_by = std::move(actor);
    order.ttl = wish->code.ttl;
    order.length = wish->code.length;
    auto const minted = co_await deps_.desk.mint(std::move(order));
    if (!minted) co_return minted.error();
    co_return code_json(*minted, wish->subnet_id, deps_.facts);
}

}  // namespace adaos::root

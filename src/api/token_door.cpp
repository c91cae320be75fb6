#include "api/token_door.hpp"

#include "api/open_pages.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"

namespace adaos::api {
namespace {

/// In these routes' words a malformed field is 400.
Refusal as_refusal(Error error) {
    auto const status = describe(error.code).http_status;
    if (error.code == Problem::invalid_field)
        return {Error(Problem::validation, std::move(error.context)), 400, "", ""};
    return {std::move(error), status, "", ""};
}

}  // namespace

net::Task<void> answer_refusal(net::Exchange& exchange, Refusal refusal) {
    bool const plain = refusal.field.empty() && refusal.forbidden_combination.empty();
    if (plain && refusal.status == describe(refusal.error.code).http_status) {
        co_await answer_error(exchange, std::move(refusal.error));
        co_return;
    }
    if (plain) {
        net::Fields extra;
        (void)co_await net::respond_problem_as(exchange, refusal.status, std::move(refusal.error),
                                               std::move(extra));
        co_return;
    }
    auto json = refusal_json(refusal);
    co_await answer_problem_json(exchange, refusal.status, std::move(json));
}

void TokenDoor::add_routes(Router& router) {
    router.add("POST", "/v1/nodes/join-tokens",
               [this](net::Exchange& exchange, PathParts) { return create(exchange); });
    router.add("GET", "/v1/nodes/join-tokens",
               [this](net::Exchange& exchange, PathParts) { return list(exchange); });
    router.add("DELETE", "/v1/nodes/join-tokens/{id}",
               [this](net::Exchange& exchange, PathParts parts) {
                   return revoke(exchange, std::move(parts.front()));
               });
    router.add("GET", "/v1/nodes/join-tokens/{id}/consumptions",
               [this](net::Exchange& exchange, PathParts parts) {
                   return consumptions(exchange, std::move(parts.front()));
               });
}

net::Task<Result<std::string>> TokenDoor::mint(enrol::MintOrder order, Actor actor) {
    auto const& own = deps_.book.subnet_id();
    if (!own.empty() && !order.subnet_id.empty() && order.subnet_id != own)
        co_return Error(Problem::forbidden, "tokens of " + order.subnet_id);
    if (!own.empty()) order.subnet_id = own;
    order.created_by = actor.name;
    order.created_from = actor.address;
    auto const minted = co_await deps_.book.mint(std::move(order));
    if (!minted) co_return minted.error();
    auto const row = co_await deps_.book.row(minted->id, own);
    if (!row) co_return row.error();
    co_return token_minted_json(*row, {*minted, deps_.book.ca_fingerprint(), deps_.book.url()});
}

net::Task<void> TokenDoor::create(net::Exchange& exchange) {
    auto const caller = co_await admin_only(exchange, deps_.who);
    if (!caller) co_return;
    if (!exchange.request().query().empty()) {
        Refusal refusal{Error(Problem::validation,
                              "no query is taken here; a hub makes a token at Root by POST "
                              "/v1/enrol/grants?authority=root"),
                        400, "", ""};
        co_await answer_refusal(exchange, std::move(refusal));
        co_return;
    }
    auto body = co_await json_body(exchange);
    if (!body) co_return;
    auto parsed = parse_token_order(*body);
    if (parsed.refusal) {
        co_await answer_refusal(exchange, std::move(*parsed.refusal));
        co_return;
    }
    Actor actor{caller->actor, caller_address(exchange)};
    auto made = co_await mint(std::move(parsed.order), std::move(actor));
    if (!made) {
        auto refusal = as_refusal(made.error());
        co_await answer_refusal(exchange, std::move(refusal));
        co_return;
    }
    Created created{"../enrol/grants/", "id"};
    co_await answer_created(exchange, std::move(*made), std::move(created));
}

net::Task<void> TokenDoor::list(net::Exchange& exchange) {
    auto const caller = co_await admin_only(exchange, deps_.who);
    if (!caller) co_return;
    auto filter = parse_grant_filter(exchange.request().query(), one_kind_names);
    Result<std::vector<enrol::GrantRow>> rows(std::vector<enrol::GrantRow>{});
    int limit = 0;
    if (filter) {
        limit = filter->limit;
        filter->kind = enrol::Kind::node;
        if (!deps_.book.subnet_id().empty()) filter->subnet_id = deps_.book.subnet_id();
        rows = co_await deps_.book.rows(std::move(*filter));
    } else {
        rows = filter.error();
    }
    if (!rows) {
        auto refusal = as_refusal(rows.error());
        co_await answer_refusal(exchange, std::move(refusal));
        co_return;
    }
    auto json = join_tokens_json(*rows, limit);
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

/// The id is that of a join token here. Errors: validation, not_found.
net::Task<Result<void>> TokenDoor::check_token(std::string id) {
    if (!is_node_id(id)) co_return Error(Problem::validation, "a token's id is a UUID");
    auto const known = co_await deps_.book.row(std::move(id), "");
    if (!known) co_return known.error();
    if (known->kind != enrol::kind_word(enrol::Kind::node))
        co_return Error(Problem::not_found, "join token");
    co_return Result<void>();
}

net::Task<void> TokenDoor::revoke(net::Exchange& exchange, std::string id) {
    auto const caller = co_await admin_only(exchange, deps_.who);
    if (!caller) co_return;
    Actor actor{caller->actor, caller_address(exchange)};
    auto done = co_await check_token(id);
    if (done) done = co_await deps_.book.end(std::move(id), "", std::move(actor));
    if (!done) {
        co_await answer_error(exchange, done.error());
        co_return;
    }
    co_await answer_nothing(exchange);
}

net::Task<void> TokenDoor::consumptions(net::Exchange& exchange, std::string id) {
    auto const caller = co_await admin_only(exchange, deps_.who);
    if (!caller) co_return;
    auto const page = parse_page(exchange.request().query(), page_names);
    auto known = page ? Result<void>() : Result<void>(page.error());
    if (known) known = co_await check_token(id);
    Result<std::vector<enrol::Redemption>> rows(std::vector<enrol::Redemption>{});
    if (known)
        rows = co_await deps_.book.uses(std::move(id), page->cursor, page->limit);
    else
        rows = known.error();
    if (!rows) {
        auto refusal = as_refusal(rows.error());
        co_await answer_refusal(exchange, std::move(refusal));
        co_return;
    }
    auto json = consumptions_json(*rows, page->limit);
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

}  // namespace adaos::api

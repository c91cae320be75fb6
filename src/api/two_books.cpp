#include "api/two_books.hpp"

#include "api/query.hpp"
#include "base/problem.hpp"

#include <array>

namespace adaos::api {
namespace {

constexpr std::array<std::string_view, 1> order_names{"authority"};

bool is_whole_trail(GrantCall const& call) {
    return call.op == "audit" && call.id.empty();
}

}  // namespace

Result<Authority> parse_authority(std::string_view query) {
    auto const word = query_value(query, "authority").value_or("local");
    if (word == "local") return Authority::local;
    if (word == "root") return Authority::root;
    if (word == "all") return Authority::all;
    return Error(Problem::invalid_field, "authority: local, root or all");
}

net::Task<Result<std::string>> TwoBooks::answer(GrantCall call, Actor actor) {
    auto const meant = parse_authority(call.query);
    if (!meant) co_return meant.error();
    if (call.op == "create") {
        auto const known = check_query(call.query, order_names);
        if (!known) co_return known.error();
    }
    bool const has_root = deps_.has_root();
    if (*meant == Authority::all && (call.op == "create" || is_whole_trail(call)))
        co_return Error(Problem::invalid_field, "authority: local or root");
    call.actor = actor.name;
    if (*meant == Authority::root && deps_.ask_root)
        co_return co_await deps_.ask_root(std::move(call));
    if (*meant != Authority::all || !has_root)
        co_return co_await ask_own(std::move(call), std::move(actor));
    if (call.op == "list") co_return co_await list_all(std::move(call), std::move(actor));
    co_return co_await find_in_all(std::move(call), std::move(actor));
}

net::Task<Result<std::string>> TwoBooks::ask_own(GrantCall call, Actor actor) {
    return run_grant_call(deps_.own, std::move(call), "", std::move(actor));
}

net::Task<Result<std::string>> TwoBooks::find_in_all(GrantCall call, Actor actor) {
    auto again = call;
    auto own = co_await ask_own(std::move(call), std::move(actor));
    if (own) co_return marked(std::move(*own), Authority::local);
    if (own.error().code != Problem::not_found) co_return own.error();
    auto root = co_await deps_.ask_root(std::move(again));
    if (!root) co_return root.error();
    co_return marked(std::move(*root), Authority::root);
}

net::Task<Result<std::string>> TwoBooks::list_all(GrantCall call, Actor actor) {
    auto const cursor = query_value(call.query, "cursor").value_or("");
    if (is_root_cursor(cursor)) {
        call.query = without_query_value(call.query, "cursor") + "&cursor=" + own_form(cursor);
    }
    auto const filter = parse_grant_filter(call.query, grant_names);
    if (!filter) co_return filter.error();
    BothPages begun{"", filter->limit};
    if (!is_root_cursor(cursor)) {
        auto own_call = call;
        auto const own = co_await ask_own(std::move(own_call), std::move(actor));
        if (!own) co_return own.error();
        auto read = begin_pages(*own, filter->limit);
        if (!read) co_return read.error();
        begun = std::move(*read);
        call.query = without_query_value(call.query, "cursor");
    }
    if (begun.missing == 0) co_return begun.json;
    call.query =
        without_query_value(call.query, "limit") + "&limit=" + std::to_string(begun.missing);
    auto const root = co_await deps_.ask_root(std::move(call));
    if (!root) co_return root.error();
    co_return end_pages(begun.json, *root);
}

}  // namespace adaos::api

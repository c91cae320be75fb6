#include "node/grant_commands.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"
#include "enrol/access.hpp"
#include "enrol/grants.hpp"
#include "node/grant_desk.hpp"
#include "node/grant_text.hpp"

#include <algorithm>
#include <ostream>

namespace adaos::node {
namespace {

constexpr int most_listed = 200;

/// What goes into a path or a query as it is.
Result<void> check_word(char const* option, std::string const& value) {
    bool const ok =
        !value.empty() && value.size() <= 64 && std::all_of(value.begin(), value.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        });
    if (ok) return {};
    return Error(Problem::invalid_option, std::string(option) + ": " + value);
}

Result<std::string> page_query(int limit, std::optional<std::string> const& cursor) {
    if (limit < 1 || limit > most_listed)
        return Error(Problem::invalid_option, "--limit: 1 to 200 are allowed");
    auto query = "?limit=" + std::to_string(limit);
    if (!cursor) return query;
    if (auto ok = check_word("--cursor", *cursor); ok.has_error()) return ok.error();
    return query + "&cursor=" + *cursor;
}

/// The server says the same; who has none learns it, too.
Result<void> check_filters(GrantListOptions const& options) {
    if (options.kind && !enrol::parse_kind(*options.kind))
        return Error(Problem::invalid_option, "--kind: member, node, host, bootstrap or hub");
    auto const& states = enrol::grant_states;
    if (options.state && std::find(states.begin(), states.end(), *options.state) == states.end())
        return Error(Problem::invalid_option,
                     "--state: live, exhausted, expired, revoked or superseded");
    return {};
}

Result<std::string> list_path(GrantListOptions const& options) {
    if (auto ok = check_filters(options); ok.has_error()) return ok.error();
    auto query = page_query(options.limit, options.cursor);
    if (!query) return query.error();
    auto path = "/v1/enrol/grants" + *query;
    for (auto const& [key, value] :
         {std::pair("kind", options.kind), std::pair("state", options.state),
          std::pair("subnet_id", options.target.subnet)}) {
        if (!value) continue;
        if (auto ok = check_word(key, *value); ok.has_error()) return ok.error();
        path += "&" + std::string(key) + "=" + *value;
    }
    if (options.include_expired) path += "&include_expired=true";
    return path;
}

/// `query`: of the page, or empty.
Result<std::string> grant_path(GrantOptions const& options, char const* below, std::string query) {
    // Ids are UUIDs everywhere.
    auto const& id = options.id;
    if (!is_node_id(id)) return Error(Problem::invalid_option, "this is no grant id: " + id);
    if (options.kind) query += (query.empty() ? "?kind=" : "&kind=") + *options.kind;
    return "/v1/enrol/grants/" + id + below + query;
}

bool wants_json(Context const& context, std::string const& output) {
    return context.json || output == "json";
}

Result<std::string> fetch_list(Context& context, GrantListOptions const& options) {
    auto path = list_path(options);
    if (!path) return path.error();
    return ask_grants(context, options.target, "GET", std::move(*path), "");
}

Result<std::string> fetch_one(Context& context, GrantOptions const& options, std::string method,
                              char const* below) {
    auto path = grant_path(options, below, "");
    if (!path) return path.error();
    return ask_grants(context, options.target, std::move(method), std::move(*path), "");
}

Result<std::string> order_token(Context& context, JoinTokenOptions const& options) {
    auto const ttl = enrol::parse_duration(options.ttl);
    if (!ttl || *ttl <= std::chrono::seconds(0))
        return Error(Problem::invalid_option, "--ttl: a duration is like 24h, 15m or 90s");
    if (options.max_uses < 0) return Error(Problem::invalid_option, "--max-uses: 0 or more");
    return ask_grants(context, options.target, "POST", "/v1/enrol/grants",
                      join_token_order(options, *ttl));
}

}  // namespace

int command_grants_list(Context& context, GrantListOptions const& options) {
    auto const body = fetch_list(context, options);
    if (!body || wants_json(context, options.output)) return print(context, body);
    return print(context, grants_table(*body, context.clock.wall()));
}

int command_grant_show(Context& context, GrantOptions const& options) {
    auto const body = fetch_one(context, options, "GET", "");
    if (!body || wants_json(context, options.output)) return print(context, body);
    return print(context, grant_text(*body));
}

int command_grant_revoke(Context& context, GrantOptions const& options) {
    auto const body = fetch_one(context, options, "DELETE", "");
    if (!body || wants_json(context, options.output)) return print(context, body);
    context.out << options.id << ": revoked; nobody can use it any more\n" << std::flush;
    return 0;
}

int command_join_token_create(Context& context, JoinTokenOptions const& options) {
    auto const body = order_token(context, options);
    if (!body) return fail(context, body.error());
    auto const shown = shown_join_token(*body);
    if (!shown) return fail(context, shown.error());
    for (auto const& warning : shown->warnings)
        context.err << "adaos: warning: " << warning << '\n';
    context.out << (wants_json(context, options.output) ? shown->json : shown->text) << std::flush;
    return 0;
}

int command_join_token_list(Context& context, GrantListOptions const& options) {
    auto const body = fetch_list(context, options);
    if (!body) return fail(context, body.error());
    if (wants_json(context, options.output)) return print(context, join_tokens_json(*body));
    return print(context, join_tokens_table(*body, context.clock.wall()));
}

int command_join_token_consumptions(Context& context, GrantOptions const& options) {
    auto const query = page_query(options.limit, options.cursor);
    if (!query) return fail(context, query.error());
    auto const path = grant_path(options, "/redemptions", *query);
    if (!path) return fail(context, path.error());
    auto const body = ask_grants(context, options.target, "GET", *path, "");
    if (!body) return fail(context, body.error());
    if (wants_json(context, options.output)) return print(context, consumptions_json(*body));
    return print(context, consumptions_table(*body));
}

}  // namespace adaos::node

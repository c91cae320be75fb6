#include "api/grant_book.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"

#include <algorithm>
#include <charconv>

namespace adaos::api {
namespace {

constexpr int max_page = 200;

Result<bool> is_true(std::optional<std::string> const& text) {
    if (!text || *text == "false" || *text == "0") return false;
    if (*text == "true" || *text == "1" || text->empty()) return true;
    return Error(Problem::invalid_field, "include_expired: true or false");
}

/// Absent: any. Errors: invalid_field.
Result<std::optional<enrol::Kind>> kind_in(std::string_view query) {
    auto const word = query_value(query, "kind");
    if (!word) return std::optional<enrol::Kind>();
    auto const kind = enrol::parse_kind(*word);
    if (!kind) return Error(Problem::invalid_field, "kind: member, node, host, bootstrap or hub");
    return kind;
}

/// As parse_page, with any cursor.
Result<Page> parse_numbered_page(std::string_view query, QueryNames names) {
    if (auto const known = check_query(query, names); !known) return known.error();
    Page page;
    if (auto const text = query_value(query, "limit")) {
        auto const* const end = text->data() + text->size();
        auto const [stop, failed] = std::from_chars(text->data(), end, page.limit);
        if (failed != std::errc() || stop != end || page.limit < 1 || page.limit > max_page)
            return Error(Problem::invalid_field, "limit: 1 to 200");
    }
    page.cursor = query_value(query, "cursor").value_or("");
    return page;
}

}  // namespace

Result<Page> parse_page(std::string_view query, QueryNames names) {
    auto page = parse_numbered_page(query, names);
    if (page && !page->cursor.empty() && !is_node_id(page->cursor))  // ids are UUIDs everywhere
        return Error(Problem::invalid_field, "cursor: not one of ours");
    return page;
}

Result<enrol::GrantFilter> parse_grant_filter(std::string_view query, QueryNames names) {
    auto const page = parse_page(query, names);
    if (!page) return page.error();
    enrol::GrantFilter filter;
    filter.limit = page->limit;
    filter.after_id = page->cursor;
    auto const kind = kind_in(query);
    if (!kind) return kind.error();
    filter.kind = *kind;
    filter.subnet_id = query_value(query, "subnet_id").value_or("");
    if (!filter.subnet_id.empty() && !is_subnet_id(filter.subnet_id))
        return Error(Problem::invalid_field, "subnet_id: sn_ and 8 hex digits");
    filter.state = query_value(query, "state").value_or("");
    auto const& states = enrol::grant_states;
    bool const is_state = std::find(states.begin(), states.end(), filter.state) != states.end();
    if (!filter.state.empty() && !is_state)
        return Error(Problem::invalid_field,
                     "state: live, exhausted, expired, revoked or superseded");
    auto const dead_too = is_true(query_value(query, "include_expired"));
    if (!dead_too) return dead_too.error();
    filter.with_dead = *dead_too || (!filter.state.empty() && filter.state != "live");
    return filter;
}

namespace {

constexpr std::array<std::string_view, 2> one_names{"kind", "authority"};
constexpr std::array<std::string_view, 4> uses_names{"kind", "authority", "limit", "cursor"};
constexpr std::array<std::string_view, 6> grant_trail_names{"kind",   "authority", "limit",
                                                            "cursor", "node_id",   "event"};
constexpr std::array<std::string_view, 6> trail_names{"grant_id", "authority", "limit",
                                                      "cursor",   "node_id",   "event"};

/// `grant_id`: of a grant's own trail; empty: the whole.
Result<enrol::AuditFilter> parse_audit_filter(std::string_view query, std::string grant_id) {
    auto const page = parse_numbered_page(
        query, grant_id.empty() ? QueryNames(trail_names) : QueryNames(grant_trail_names));
    if (!page) return page.error();
    enrol::AuditFilter filter;
    filter.limit = page->limit;
    filter.grant_id = grant_id.empty() ? query_value(query, "grant_id").value_or("") : grant_id;
    filter.node_id = query_value(query, "node_id").value_or("");
    if (!filter.node_id.empty() && !is_node_id(filter.node_id))
        return Error(Problem::invalid_field, "node_id: a node's id");
    filter.event = query_value(query, "event").value_or("");
    if (!filter.event.empty()) {
        if (auto const known = enrol::check_audit_event(filter.event); !known) return known.error();
    }
    if (!page->cursor.empty()) {
        auto const* const end = page->cursor.data() + page->cursor.size();
        auto const [stop, failed] = std::from_chars(page->cursor.data(), end, filter.before);
        if (failed != std::errc() || stop != end || filter.before < 1)
            return Error(Problem::invalid_field, "cursor: not one of ours");
    }
    return filter;
}

}  // namespace

net::Task<Result<void>> GrantBook::check_subnet(std::string subnet_id) {
    if (!deps_.subnet_id.empty() || !is_subnet_id(subnet_id)) co_return Result<void>();
    auto const hub = co_await deps_.desk.hub_of(subnet_id);
    if (!hub) co_return hub.error();
    if (!*hub) co_return Error(Problem::subnet_unknown, subnet_id);
    co_return Result<void>();
}

net::Task<Result<enrol::Minted>> GrantBook::mint(enrol::MintOrder order) {
    auto const known = co_await check_subnet(order.subnet_id);
    if (!known) co_return known.error();
    co_return co_await deps_.desk.mint(std::move(order));
}

net::Task<Result<std::vector<enrol::GrantRow>>> GrantBook::rows(enrol::GrantFilter filter) {
    using Rows = std::vector<enrol::GrantRow>;
    std::function<Result<Rows>(store::Database&)> const job =
        [this, filter = std::move(filter)](auto& db) { return deps_.desk.grants(db).list(filter); };
    co_return co_await deps_.desk.ask<Rows>(job);
}

net::Task<Result<enrol::GrantRow>> GrantBook::row(std::string id, std::string within) {
    auto subnet = scope(within);
    std::function<Result<enrol::GrantRow>(store::Database&)> const job =
        [this, id = std::move(id),
         subnet = std::move(subnet)](auto& db) -> Result<enrol::GrantRow> {
        auto found = deps_.desk.grants(db).find(id);
        if (!found) return found.error();
        bool const ours = *found && (subnet.empty() || (*found)->subnet_id == subnet);
        if (!ours) return Error(Problem::not_found, "grant");
        return std::move(**found);
    };
    co_return co_await deps_.desk.ask<enrol::GrantRow>(job);
}

net::Task<Result<void>> GrantBook::end(std::string id, std::string within, Actor actor) {
    auto const known = co_await row(id, std::move(within));
    if (!known) co_return known.error();
    std::function<Result<void>(store::Database&)> const job = [this, id = std::move(id),
                                                               actor = std::move(actor)](auto& db) {
        return deps_.desk.grants(db).revoke(id, actor.name);
    };
    co_return co_await deps_.desk.change<void>(job);
}

net::Task<Result<std::vector<enrol::Redemption>>> GrantBook::uses(std::string id, std::string after,
                                                                  int limit) {
    using Rows = std::vector<enrol::Redemption>;
    std::function<Result<Rows>(store::Database&)> const job =
        [this, id = std::move(id), after = std::move(after), limit](auto& db) {
            return deps_.desk.grants(db).redemptions(id, after, limit);
        };
    co_return co_await deps_.desk.ask<Rows>(job);
}

net::Task<Result<std::string>> GrantBook::create(std::string body, std::string within,
                                                 Actor actor) {
    auto order = parse_mint_order(body);
    if (!order) co_return order.error();
    // A hub's registration is Root's own business (POST /v1/bootstrap_token).
    if (order->kind == enrol::Kind::hub) co_return Error(Problem::invalid_field, "kind");
    auto const subnet = scope(within);
    if (!subnet.empty() && !order->subnet_id.empty() && order->subnet_id != subnet)
        co_return Error(Problem::forbidden, "grants of " + order->subnet_id);
    if (!subnet.empty()) order->subnet_id = subnet;
    order->created_by = actor.name;
    order->created_from = actor.address;
    auto const minted = co_await mint(std::move(*order));
    if (!minted) co_return minted.error();
    auto const made = co_await row(minted->id, subnet);
    if (!made) co_return made.error();
    co_return minted_json(*made, {*minted, deps_.ca_fingerprint(), deps_.url()});
}

net::Task<Result<std::string>> GrantBook::list(std::string query, std::string within) {
    auto filter = parse_grant_filter(query, grant_names);
    if (!filter) co_return filter.error();
    if (auto const subnet = scope(within); !subnet.empty()) filter->subnet_id = subnet;
    auto const limit = filter->limit;
    auto const found = co_await rows(std::move(*filter));
    if (!found) co_return found.error();
    co_return grants_json(*found, limit);
}

net::Task<Result<enrol::GrantRow>> GrantBook::meant(std::string id, std::string query,
                                                    std::string within) {
    auto const kind = kind_in(query);
    if (!kind) co_return kind.error();
    auto found = co_await row(std::move(id), std::move(within));
    if (found && *kind && found->kind != enrol::kind_word(**kind))
        co_return Error(
            Problem::not_found,
            "no grant of the kind " + std::string(enrol::kind_word(**kind)) + " has this id");
    co_return found;
}

net::Task<Result<std::string>> GrantBook::show(std::string id, std::string query,
                                               std::string within) {
    if (auto const known = check_query(query, one_names); !known) co_return known.error();
    auto const found = co_await meant(std::move(id), std::move(query), std::move(within));
    if (!found) co_return found.error();
    co_return grant_json(*found);
}

net::Task<Result<std::string>> GrantBook::revoke(std::string id, std::string query,
                                                 std::string within, Actor actor) {
    if (auto const named = check_query(query, one_names); !named) co_return named.error();
    auto const known = co_await meant(id, query, within);
    if (!known) co_return known.error();
    auto const ended = co_await end(id, within, std::move(actor));
    if (!ended) co_return ended.error();
    co_return co_await show(std::move(id), std::move(query), std::move(within));
}

net::Task<Result<std::string>> GrantBook::redemptions(std::string id, std::string query,
                                                      std::string within) {
    auto const page = parse_page(query, uses_names);
    if (!page) co_return page.error();
    auto const known = co_await meant(id, std::move(query), std::move(within));
    if (!known) co_return known.error();
    auto const found = co_await uses(std::move(id), page->cursor, page->limit);
    if (!found) co_return found.error();
    co_return redemptions_json(*found, page->limit);
}

net::Task<Result<std::string>> GrantBook::audit(std::string query, std::string grant_id,
                                                std::string within) {
    auto parsed = parse_audit_filter(query, grant_id);
    if (!parsed) co_return parsed.error();
    auto const filter = std::move(*parsed);
    // Rows name no subnet: at Root a hub sees the trail of its own grants, one by one.
    if (deps_.subnet_id.empty() && !within.empty() && filter.grant_id.empty())
        co_return Error(Problem::forbidden, "the trail of one grant only: grant_id");
    if (!filter.grant_id.empty()) {
        auto const known = co_await meant(filter.grant_id, std::move(query), std::move(within));
        if (!known) co_return known.error();
    }
    using Rows = std::vector<enrol::AuditRow>;
    std::function<Result<Rows>(store::Database&)> const job = [filter](auto& db) {
        return enrol::read_audit(db, filter);
    };
    auto const found = co_await deps_.desk.ask<Rows>(job);
    if (!found) co_return found.error();
    co_return audit_json(*found, filter.limit);
}

}  // namespace adaos::api

#include "api/router.hpp"

#include "api/open_pages.hpp"
#include "base/problem.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace adaos::api {
namespace {

constexpr std::size_t max_part_bytes = 128;
constexpr char const* any_method = "*";

std::string_view take_segment(std::string_view& rest) {
    auto const slash = rest.find('/');
    auto const segment = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    return segment;
}

bool is_part(std::string_view text) {
    return !text.empty() && text.size() <= max_part_bytes &&
           text.find('%') == std::string_view::npos;
}

struct Fit {
    Router::Route const* route;
    PathParts parts;
};

/// The most exact pattern first.
std::vector<Fit> fit(std::vector<Router::Route> const& routes, std::string_view path) {
    std::vector<Fit> out;
    for (auto const& route : routes)
        if (auto parts = match_path(route.pattern, path))
            out.push_back({&route, std::move(*parts)});
    std::stable_sort(out.begin(), out.end(),
                     [](Fit const& a, Fit const& b) { return a.parts.size() < b.parts.size(); });
    return out;
}

std::string methods_of(std::vector<Fit> const& fitting) {
    std::set<std::string> methods;
    for (auto const& fit : fitting) {
        methods.insert(fit.route->method);
        if (fit.route->method == "GET") methods.insert("HEAD");
    }
    std::string out;
    for (auto const& method : methods) out += (out.empty() ? "" : ", ") + method;
    return out;
}

}  // namespace

std::optional<PathParts> match_path(std::string_view pattern, std::string_view path) {
    PathParts parts;
    auto const slashes = [](std::string_view text) {
        return std::count(text.begin(), text.end(), '/');
    };
    if (slashes(pattern) != slashes(path)) return std::nullopt;
    while (!pattern.empty() || !path.empty()) {
        auto const wanted = take_segment(pattern);
        auto const given = take_segment(path);
        if (wanted.starts_with('{')) {
            if (!is_part(given)) return std::nullopt;
            parts.emplace_back(given);
        } else if (wanted != given) {
            return std::nullopt;
        }
    }
    return parts;
}

void Router::add(std::string method, std::string pattern, Action action) {
    routes_.push_back({std::move(method), std::move(pattern), std::move(action)});
}

void Router::add_tree(std::string pattern, Action action) {
    routes_.push_back({any_method, std::move(pattern), std::move(action)});
}

Router::Route const* Router::tree_of(std::string_view path) const {
    for (auto const& route : routes_) {
        if (route.method != any_method) continue;
        std::string_view const pattern = route.pattern;
        if (path.starts_with(pattern.substr(0, pattern.find('{')))) return &route;
    }
    return nullptr;
}

net::Task<bool> Router::handle(net::Exchange& exchange) {
    auto const path = std::string(exchange.request().path());
    if (auto const* const tree = tree_of(path)) {
        co_await tree->action(exchange, PathParts());
        co_return true;
    }
    auto const method = exchange.request().method == "HEAD" ? "GET" : exchange.request().method;
    auto const fitting = fit(routes_, path);
    for (auto const& fit : fitting) {
        if (fit.route->method != method) continue;
        auto parts = fit.parts;
        co_await fit.route->action(exchange, std::move(parts));
        co_return true;
    }
    if (fitting.empty()) co_return false;
    net::Fields extra;
    extra.add("Allow", methods_of(fitting));
    Error error(Problem::method_not_allowed, exchange.request().method);
    (void)co_await net::respond_problem(exchange, std::move(error), std::move(extra));
    co_return true;
}

net::Task<void> Router::answer(net::Exchange& exchange) {
    auto const handled = co_await handle(exchange);
    if (handled) co_return;
    Error error(Problem::not_found, std::string(exchange.request().path()));
    co_await answer_error(exchange, std::move(error));
}

}  // namespace adaos::api

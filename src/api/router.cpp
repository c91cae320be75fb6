#include "api/router.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"

#include <algorithm>
#include <optional>

namespace adaos::api {
namespace {

constexpr std::size_t max_part_bytes = 128;

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

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out += ' ';
        } else if (auto const byte =
                       text[i] == '%' ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
                   byte && byte->size() == 1) {
            out += static_cast<char>((*byte)[0]);
            i += 2;
        } else {
            out += text[i];
        }
    }
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

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        auto const end = std::min(query.find('&'), query.size());
        auto const pair = query.substr(0, end);
        query = query.substr(std::min(end + 1, query.size()));
        auto const equals = std::min(pair.find('='), pair.size());
        if (pair.substr(0, equals) == name)
            return decoded(pair.substr(std::min(equals + 1, pair.size())));
    }
    return std::nullopt;
}

void Router::add(std::string method, std::string pattern, Action action) {
    routes_.push_back({std::move(method), std::move(pattern), std::move(action)});
}

net::Task<bool> Router::handle(net::Exchange& exchange) {
    auto const method = exchange.request().method == "HEAD" ? "GET" : exchange.request().method;
    auto const path = std::string(exchange.request().path());
    std::string allowed;
    Route const* found = nullptr;
    PathParts parts;
    for (auto const& route : routes_) {
        auto matched = match_path(route.pattern, path);
        if (!matched) continue;
        if (route.method == method) {
            found = &route;
            parts = std::move(*matched);
            break;
        }
        allowed += (allowed.empty() ? "" : ", ") + route.method;
    }
    if (found != nullptr) {
        co_await found->action(exchange, std::move(parts));
        co_return true;
    }
    if (allowed.empty()) co_return false;
    net::Fields extra;
    extra.add("Allow", allowed);
    Error error(Problem::method_not_allowed, exchange.request().method);
    (void)co_await net::respond_problem(exchange, std::move(error), std::move(extra));
    co_return true;
}

}  // namespace adaos::api

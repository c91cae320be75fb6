#include "relay/prefix_rules.hpp"

#include "base/bytes.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace adaos::relay {
namespace {

/// The path of a `Location` that is below `seen`, or nothing when it is somebody else's.
struct Place {
    std::string_view authority;  ///< empty: the same as the request's
    std::string_view rest;       ///< path, query and fragment; empty or beginning with one of them
};

std::optional<Place> place_of(std::string_view url) {
    auto after = url;
    if (!url.starts_with('/')) {
        auto const colon = url.find("://");
        auto const scheme = url.substr(0, std::min(colon, url.size()));
        if (colon == std::string_view::npos ||
            (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https")))
            return std::nullopt;  // relative, or another scheme
        after = url.substr(colon + 3);
    } else if (url.starts_with("//")) {
        after = url.substr(2);
    } else {
        return Place{{}, url};
    }
    auto const end = std::min(after.find_first_of("/?#"), after.size());
    return Place{after.substr(0, end), after.substr(end)};
}

std::string_view authority_of(std::string_view origin) {
    auto const slashes = origin.find("://");
    return slashes == std::string_view::npos ? origin : origin.substr(slashes + 3);
}

std::string translated(std::string_view url, Seen const& seen) {
    auto const place = place_of(url);
    if (!place) return std::string(url);
    auto const same_host =
        !seen.origin.empty() && equal_ignoring_case(place->authority, authority_of(seen.origin));
    auto const itself =
        !seen.authority.empty() && equal_ignoring_case(place->authority, seen.authority);
    if (!place->authority.empty() && !same_host && !itself) return std::string(url);
    if (is_below(place->rest, seen.prefix) && !itself) return std::string(url);
    auto const origin = place->authority.empty() ? std::string() : seen.origin;
    auto const slash = place->rest.starts_with('/') ? "" : "/";
    return origin + seen.prefix + slash + std::string(place->rest);
}

/// "5; url=/x" (WHATWG HTML, the refresh algorithm): what follows `url=`, with or without quotes.
std::string translated_refresh(std::string_view value, Seen const& seen) {
    auto const is_here = [&](std::size_t i) {
        return equal_ignoring_case(value.substr(i, 4), "url=");
    };
    std::size_t at = 0;
    while (at + 4 <= value.size() && !is_here(at)) ++at;
    if (at + 4 > value.size()) return std::string(value);
    auto url = value.substr(at + 4);
    auto const quote = !url.empty() && (url.front() == '"' || url.front() == '\'')
                           ? std::string(1, url.front())
                           : std::string();
    if (!quote.empty()) url = url.substr(1, url.find(quote.front(), 1) - 1);
    return std::string(value.substr(0, at + 4)) + quote + translated(url, seen) + quote;
}

/// The path a cookie is to have, given the one it asks for; nothing: the browser's default is fine.
using CookiePath = std::function<std::optional<std::string>(std::optional<std::string_view>)>;

/// `Domain` goes: it widens a cookie to other hosts. Of several paths the last counts (RFC 6265,
/// section 5.3).
std::string corrected_cookie(std::string_view cookie, CookiePath const& path_for) {
    std::optional<std::string_view> asked;
    std::string out;
    for (bool first = true; first || !cookie.empty(); first = false) {
        auto const end = std::min(cookie.find(';'), cookie.size());
        auto const part = trim(cookie.substr(0, end));
        cookie.remove_prefix(std::min(end + 1, cookie.size()));
        auto const name = trim(part.substr(0, part.find('=')));
        if (!first && equal_ignoring_case(name, "domain")) continue;
        if (!first && equal_ignoring_case(name, "path")) {
            auto const equals = part.find('=');
            auto const value =
                equals == std::string_view::npos ? "" : trim(part.substr(equals + 1));
            asked = value.starts_with('/') ? std::optional(value) : std::nullopt;
            continue;
        }
        if (!first) out += "; ";
        out += part;
    }
    if (auto const path = path_for(asked)) out += "; Path=" + *path;
    return out;
}

void correct_cookies(net::Fields& fields, CookiePath const& path_for) {
    net::Fields out;
    for (auto const& f : fields.all()) {
        bool const cookie = equal_ignoring_case(f.name, "set-cookie");
        out.add(f.name, cookie ? corrected_cookie(f.value, path_for) : f.value);
    }
    fields = std::move(out);
}

bool has_cookie(net::Fields const& fields) {
    return fields.find("set-cookie") != nullptr;
}

}  // namespace

bool is_below(std::string_view path, std::string_view prefix) noexcept {
    if (!path.starts_with(prefix)) return false;
    auto const rest = path.substr(prefix.size());
    return rest.empty() || rest.front() == '/' || rest.front() == '?' || rest.front() == '#';
}

void translate_answer(net::ResponseHead& head, Seen const& seen) {
    for (auto const* const name : {"Location", "Content-Location"})
        if (auto const* const url = head.fields.find(name))
            head.fields.set(name, translated(*url, seen));
    if (auto const* const refresh = head.fields.find("Refresh"))
        head.fields.set("Refresh", translated_refresh(*refresh, seen));
    if (!has_cookie(head.fields)) return;
    correct_cookies(head.fields, [&](std::optional<std::string_view> asked) {
        std::optional<std::string> path;
        if (asked && is_below(*asked, seen.prefix)) path = std::string(*asked);
        if (asked && !path) path = seen.prefix + std::string(*asked);
        return path;
    });
}

void pin_answer(net::ResponseHead& head, std::string_view prefix, std::string_view path) {
    head.fields.remove("Clear-Site-Data");
    auto const* const worker = head.fields.find("Service-Worker-Allowed");
    if (worker != nullptr && !is_below(*worker, prefix))
        head.fields.remove("Service-Worker-Allowed");
    if (!has_cookie(head.fields)) return;
    auto const root = std::string(prefix) + "/";
    correct_cookies(head.fields, [&](std::optional<std::string_view> asked) {
        std::optional<std::string> pinned;
        if (asked) pinned = is_below(*asked, prefix) ? std::string(*asked) : root;
        if (!asked && !path.starts_with(root)) pinned = root;
        return pinned;
    });
}

}  // namespace adaos::relay

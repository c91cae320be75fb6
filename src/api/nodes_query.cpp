// What a query of the nodes' routes may say. Pure.
#include "api/nodes_door.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"

#include <charconv>

namespace adaos::api {
namespace {

constexpr int most_listed = 200;
constexpr std::size_t max_value_bytes = 200;

Error wrong(std::string_view what) {
    return Error(Problem::validation, std::string(what));
}

/// Calls `take(key, value)` for each pair. Errors: validation for a pair without a key or with an
/// escape; take's.
template <class Take>
Result<void> each_pair(std::string_view query, Take const& take) {
    while (!query.empty()) {
        auto const end = std::min(query.find('&'), query.size());
        auto const pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        auto const equals = std::min(pair.find('='), pair.size());
        auto const key = pair.substr(0, equals);
        auto const value = pair.substr(std::min(equals + 1, pair.size()));
        if (key.empty() || value.size() > max_value_bytes ||
            pair.find('%') != std::string_view::npos)
            return wrong("query: " + std::string(key));
        if (auto const taken = take(key, value); taken.has_error()) return taken.error();
    }
    return {};
}

Result<void> take_subnet(std::string_view value, std::string& into) {
    if (!is_subnet_id(value)) return wrong("subnet: sn_ and 8 hex digits");
    into = value;
    return {};
}

Result<void> take_limit(std::string_view value, int& into) {
    auto const* const end = value.data() + value.size();
    auto const [rest, failed] = std::from_chars(value.data(), end, into);
    if (failed != std::errc() || rest != end || into < 1 || into > most_listed)
        return wrong("limit: 1 to 200 are allowed");
    return {};
}

}  // namespace

Result<ListWish> parse_list_wish(std::string_view query) {
    ListWish out;
    auto const take = [&](std::string_view key, std::string_view value) -> Result<void> {
        if (key == "subnet") return take_subnet(value, out.subnet_id);
        if (key == "limit") return take_limit(value, out.limit);
        if (key == "architecture") {
            if (value != "amd64" && value != "arm64") return wrong("architecture: amd64 or arm64");
            out.architecture = value;
        } else if (key == "status") {
            if (!registry::is_status_word(value))
                return wrong("status: ready, pending, unreachable, cordoned, draining or retired");
            out.status = value;
        } else if (key == "cursor") {
            if (!parse_cursor(value)) return wrong("cursor: not one of ours");
            out.cursor = value;
        } else {
            return wrong("query: " + std::string(key));
        }
        return {};
    };
    if (auto const taken = each_pair(query, take); taken.has_error()) return taken.error();
    return out;
}

Result<OneWish> parse_one_wish(std::string_view query) {
    OneWish out;
    auto const take = [&](std::string_view key, std::string_view value) -> Result<void> {
        if (key == "subnet") return take_subnet(value, out.subnet_id);
        if (key != "force") return wrong("query: " + std::string(key));
        if (value != "true" && value != "false") return wrong("force: true or false");
        out.force = value == "true" ? NodeOrder::Force::yes : NodeOrder::Force::no;
        return {};
    };
    if (auto const taken = each_pair(query, take); taken.has_error()) return taken.error();
    return out;
}

std::string cursor_text(Cursor const& cursor) {
    return to_hex(as_bytes(cursor.subnet_id + "/" + cursor.name));
}

std::optional<Cursor> parse_cursor(std::string_view text) {
    auto const bytes = from_hex(text);
    if (!bytes) return std::nullopt;
    auto const plain = std::string(as_text(*bytes));
    auto const slash = std::min(plain.find('/'), plain.size());
    Cursor out{plain.substr(0, slash), plain.substr(std::min(slash + 1, plain.size()))};
    if (!is_subnet_id(out.subnet_id) || !is_node_name(out.name)) return std::nullopt;
    return out;
}

}  // namespace adaos::api

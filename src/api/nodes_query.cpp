// What a query of the nodes' routes may say. Pure.
#include "api/nodes_door.hpp"
#include "api/query.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"

#include <array>
#include <charconv>

namespace adaos::api {
namespace {

constexpr int most_listed = 200;
constexpr std::size_t max_value_bytes = 200;

Error wrong(std::string_view what) {
    return Error(Problem::validation, std::string(what));
}

constexpr std::array<std::string_view, 5> node_list_names{"subnet", "limit", "architecture",
                                                          "status", "cursor"};
constexpr std::array<std::string_view, 2> one_node_names{"subnet", "force"};

/// The pairs of a query of plain values. Errors: validation for a name that is not one of `names`
/// or is there twice, and for an escape.
Result<QueryPairs> plain_pairs(std::string_view query, QueryNames names) {
    if (auto const known = check_query(query, names); !known) return wrong(known.error().context);
    auto pairs = query_pairs(query);
    for (auto const& [key, value] : pairs)
        if (value.size() > max_value_bytes || value.find('%') != std::string_view::npos)
            return wrong("query: " + std::string(key));
    return pairs;
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
    auto const pairs = plain_pairs(query, node_list_names);
    if (!pairs) return pairs.error();
    ListWish out;
    for (auto const& [key, value] : *pairs) {
        Result<void> taken;
        if (key == "subnet") {
            taken = take_subnet(value, out.subnet_id);
        } else if (key == "limit") {
            taken = take_limit(value, out.limit);
        } else if (key == "architecture") {
            if (value != "amd64" && value != "arm64") taken = wrong("architecture: amd64 or arm64");
            out.architecture = value;
        } else if (key == "status") {
            if (!registry::is_status_word(value))
                taken = wrong("status: ready, pending, unreachable, cordoned, draining or retired");
            out.status = value;
        } else {
            if (!parse_cursor(value)) taken = wrong("cursor: not one of ours");
            out.cursor = value;
        }
        if (!taken) return taken.error();
    }
    return out;
}

Result<OneWish> parse_one_wish(std::string_view query) {
    auto const pairs = plain_pairs(query, one_node_names);
    if (!pairs) return pairs.error();
    OneWish out;
    for (auto const& [key, value] : *pairs) {
        if (key == "subnet") {
            if (auto const taken = take_subnet(value, out.subnet_id); !taken) return taken.error();
            continue;
        }
        if (value != "true" && value != "false") return wrong("force: true or false");
        out.force = value == "true" ? NodeOrder::Force::yes : NodeOrder::Force::no;
    }
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

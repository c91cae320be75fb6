#include "api/two_books.hpp"
#include "base/json.hpp"
#include "base/problem.hpp"

namespace adaos::api {
namespace {

constexpr std::string_view root_prefix = "root-";

Error bad_page() {
    return Error(Problem::bad_answer, "the answer is no page of grants");
}

Result<Json> parse_rows(std::string const& text, char const* authority) {
    auto json = parse_json(text);
    if (!json || !json->is_object() || !json->contains("data") || !(*json)["data"].is_array())
        return bad_page();
    for (auto& row : (*json)["data"]) {
        if (!row.is_object()) return bad_page();
        row["authority"] = authority;
    }
    if (!json->contains("meta") || !(*json)["meta"].is_object()) return bad_page();
    return json;
}

}  // namespace

bool is_root_cursor(std::string_view cursor) {
    return cursor.starts_with(root_prefix);
}

std::string own_form(std::string_view root_cursor) {
    return std::string(root_cursor.substr(root_prefix.size()));
}

Result<BothPages> begin_pages(std::string const& own, int limit) {
    auto const page = parse_rows(own, "local");
    if (!page) return page.error();
    bool const is_full = !string_or_empty((*page)["meta"], "next_cursor").empty();
    auto const rows = static_cast<int>((*page)["data"].size());
    return BothPages{dump(*page) + "\n", is_full ? 0 : limit - rows};
}

Result<std::string> end_pages(std::string const& begun, std::string const& root) {
    auto page = parse_rows(root, "root");
    if (!page) return page.error();
    auto& meta = (*page)["meta"];
    auto const next = string_or_empty(meta, "next_cursor");
    if (!next.empty()) meta["next_cursor"] = std::string(root_prefix) + next;
    if (begun.empty()) return dump(*page) + "\n";
    auto whole = parse_rows(begun, "local");
    if (!whole) return whole.error();
    for (auto& row : (*page)["data"]) (*whole)["data"].push_back(std::move(row));
    (*whole)["meta"] = std::move(meta);
    return dump(*whole) + "\n";
}

std::string marked(std::string json, Authority book) {
    auto record = parse_json(json);
    if (!record || !record->is_object() || record->contains("data")) return json;
    (*record)["authority"] = book == Authority::root ? "root" : "local";
    return dump(*record) + "\n";
}

}  // namespace adaos::api

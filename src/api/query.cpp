#include "api/query.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"

#include <algorithm>
#include <set>

namespace adaos::api {
namespace {

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

QueryPairs query_pairs(std::string_view query) {
    QueryPairs out;
    while (!query.empty()) {
        auto const end = std::min(query.find('&'), query.size());
        auto const pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        auto const equals = std::min(pair.find('='), pair.size());
        out.emplace_back(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
    }
    return out;
}

Result<void> check_query(std::string_view query, QueryNames names) {
    std::set<std::string_view> seen;
    for (auto const& [name, value] : query_pairs(query)) {
        if (std::find(names.begin(), names.end(), name) == names.end())
            return Error(Problem::invalid_field, "query: " + std::string(name));
        if (!seen.insert(name).second)
            return Error(Problem::invalid_field, "query: " + std::string(name) + " is there twice");
    }
    return {};
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
    for (auto const& [given, value] : query_pairs(query))
        if (given == name) return decoded(value);
    return std::nullopt;
}

std::string without_query_value(std::string_view query, std::string_view name) {
    std::string rest;
    for (auto const& [given, value] : query_pairs(query)) {
        if (given == name) continue;
        if (!rest.empty()) rest += '&';
        rest += std::string(given) + '=' + std::string(value);
    }
    return rest;
}

}  // namespace adaos::api

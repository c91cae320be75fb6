#pragma once
/// What stands behind '?' in a request's target. A route takes the names that it knows, each once:
/// a filter that is misspelt would otherwise be a longer answer than was asked for.

#include "base/error.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace adaos::api {

using QueryNames = std::span<std::string_view const>;

/// Errors: invalid_field for a name that is not one of `names` or is there twice.
[[nodiscard]] Result<void> check_query(std::string_view query, QueryNames names);

/// Names and values as they were sent.
using QueryPairs = std::vector<std::pair<std::string_view, std::string_view>>;
[[nodiscard]] QueryPairs query_pairs(std::string_view query);

/// The value of `name` in a query, its %XX and '+' decoded; absent when it is not there.
[[nodiscard]] std::optional<std::string> query_value(std::string_view query, std::string_view name);
/// `query` without the pairs of that name.
[[nodiscard]] std::string without_query_value(std::string_view query, std::string_view name);

}  // namespace adaos::api

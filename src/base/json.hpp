#pragma once
/// Strict JSON at the edges: bounded depth, no duplicate keys, checked access. Include only from
/// files named `*_json.cpp`, or small ones that do nothing but answer JSON: it costs 3 s a file.

#include "base/error.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace adaos {

using Json = nlohmann::ordered_json;

/// Deepest nesting accepted from a peer or a file.
inline constexpr int max_json_depth = 32;
/// Most keys in one object. An ordered object is searched from its front for each new key: 64 000
/// keys, a body of 600 KB, would keep the loop's thread busy for five seconds.
inline constexpr std::size_t max_json_keys = 1024;

/// The whole of `text` as one JSON value. Errors: Problem::bad_request for a syntax error, a
/// duplicate key, too many keys or too deep nesting.
[[nodiscard]] Result<Json> parse_json(std::string_view text);

/// Absent when `object` is no object, has no such key, or it is of another type.
[[nodiscard]] std::optional<std::string> find_string(Json const& object, std::string_view key);
[[nodiscard]] std::optional<std::int64_t> find_integer(Json const& object, std::string_view key);
[[nodiscard]] std::optional<bool> find_bool(Json const& object, std::string_view key);
/// The same with "" for absent.
[[nodiscard]] std::string string_or_empty(Json const& object, std::string_view key);

/// One line; bytes that are not UTF-8 become U+FFFD instead of throwing.
[[nodiscard]] std::string dump(Json const& value);
/// Indented by two, for files and people.
[[nodiscard]] std::string dump_pretty(Json const& value);

}  // namespace adaos

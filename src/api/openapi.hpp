#pragma once
/// The description of every route, docs/reference/openapi.yaml, as it is in the program.

#include <string>

namespace adaos::api {

inline constexpr char const* openapi_path = "/api/v1/openapi.yaml";

/// The file's bytes.
[[nodiscard]] std::string openapi_text();

}  // namespace adaos::api

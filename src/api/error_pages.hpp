#pragma once
/// The pages that `type` of a problem leads to: what an error is and what to do, for people.

#include "api/router.hpp"

#include <string>
#include <string_view>

namespace adaos {
struct ProblemInfo;
}

namespace adaos::api {

/// `/errors` and `/errors/{id}`, open to everybody.
void add_error_pages(Router& router);

/// HTML. All that is not our own markup is escaped.
[[nodiscard]] std::string error_page(ProblemInfo const& info);
[[nodiscard]] std::string error_list_page();

/// `text` as it may stand between tags and in quoted attributes.
[[nodiscard]] std::string html_escaped(std::string_view text);

}  // namespace adaos::api

#pragma once
/// What `node list` and `node get` print. Pure.

#include "base/clock.hpp"
#include "base/error.hpp"

#include <string>
#include <string_view>

namespace adaos::node {

enum class ShowIds { no, yes };

/// Whole seconds, minutes, hours or days, cut off: "20s", "4m", "2h", "3d"; "0s" for a time ahead.
[[nodiscard]] std::string age_text(std::chrono::milliseconds age);

/// NAME, ARCH, STATUS, CORDONED, AGE and, when there is more, a line `next_cursor: …`. Errors:
/// bad_answer.
[[nodiscard]] Result<std::string> nodes_table(std::string_view body, ShowIds ids, WallTime now);
/// Aligned `key: value` lines of what the server filled in. Errors: bad_answer.
[[nodiscard]] Result<std::string> node_text(std::string_view body, ShowIds ids, WallTime now);
/// One line about a node after a command: "garage-pi: cordoned, connected". Errors: bad_answer.
[[nodiscard]] Result<std::string> node_line(std::string_view body);

/// The name of the node that an answer describes. Errors: bad_answer.
[[nodiscard]] Result<std::string> name_of_node(std::string_view body);
/// `{"schema":"adaos.node-deleted/v1","ok":true,"name":…}`
[[nodiscard]] std::string deleted_json(std::string_view name);

}  // namespace adaos::node

#pragma once
/// Grammars of the ids that travel in paths, certificates and file names.

#include <string_view>

namespace adaos {

/// `sn_` and 8 lower-case hex digits.
[[nodiscard]] bool is_subnet_id(std::string_view text) noexcept;
/// A lower-case UUID.
[[nodiscard]] bool is_node_id(std::string_view text) noexcept;
/// 1 to 40 of `a-z 0-9 _ -`, not starting with `-`: safe in paths, subjects and shells.
[[nodiscard]] bool is_node_name(std::string_view text) noexcept;
/// Two lower-case letters.
[[nodiscard]] bool is_zone(std::string_view text) noexcept;

}  // namespace adaos

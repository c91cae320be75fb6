#pragma once
/// Grammars of the ids that travel in paths, certificates and file names.

#include <cstddef>
#include <string_view>

namespace adaos {

/// `sn_` and 8 lower-case hex digits.
[[nodiscard]] bool is_subnet_id(std::string_view text) noexcept;
/// A lower-case UUID.
[[nodiscard]] bool is_node_id(std::string_view text) noexcept;
/// Longest name of a node: a DNS label's (RFC 1035).
inline constexpr std::size_t max_node_name_bytes = 63;
/// 1 to 63 of `a-z 0-9 _ -`, not starting with `-`: safe in paths, subjects and shells.
[[nodiscard]] bool is_node_name(std::string_view text) noexcept;
/// A lower-case RFC 1123 label: a node name that a host may have, too.
[[nodiscard]] bool is_node_label(std::string_view text) noexcept;
/// Two lower-case letters.
[[nodiscard]] bool is_zone(std::string_view text) noexcept;

}  // namespace adaos

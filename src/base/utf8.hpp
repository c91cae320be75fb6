#pragma once
/// UTF-8 as Unicode defines it (table 3-7): no surrogates, no overlong forms.

#include <cstddef>
#include <string_view>

namespace adaos {

/// Bytes of the character at the start of `text`, which is not empty; 0 when it is none.
[[nodiscard]] std::size_t utf8_size(std::string_view text) noexcept;

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace adaos

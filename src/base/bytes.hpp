#pragma once
/// Bytes, text and the encodings between them.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace adaos {

using Bytes = std::vector<std::byte>;
using Digest = std::array<std::byte, 32>;

[[nodiscard]] inline std::span<std::byte const> as_bytes(std::string_view text) {
    return {reinterpret_cast<std::byte const*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(std::span<std::byte const> bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

[[nodiscard]] std::string to_hex(std::span<std::byte const> bytes);
/// Either case; absent when the length is odd or a digit is not hex.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view hex);
/// RFC 4648 section 4, padded.
[[nodiscard]] std::string to_base64(std::span<std::byte const> bytes);
/// Strict: padded, without white space, unused bits zero. So every value has one text. Absent else.
[[nodiscard]] std::optional<Bytes> from_base64(std::string_view text);
/// RFC 4648 section 5, no padding.
[[nodiscard]] std::string to_base64url(std::span<std::byte const> bytes);

[[nodiscard]] Digest sha256(std::span<std::byte const> bytes);
[[nodiscard]] Digest hmac_sha256(std::span<std::byte const> key, std::span<std::byte const> bytes);

/// Takes as long for a wrong first byte as for a wrong last one.
[[nodiscard]] bool equal_constant_time(std::span<std::byte const> a, std::span<std::byte const> b);

/// ASCII only, as HTTP and our grammars want it.
[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] std::string_view trim(std::string_view text);

}  // namespace adaos

#pragma once
/// AES-256-GCM for keys that seal one box and no more.

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "pki/kdf.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace adaos::pki {

/// Bytes that a box has more than what is in it: the tag.
inline constexpr std::size_t box_tag_bytes = 16;

/// The nonce is zero: `key` comes from a fresh agreement and must never seal a second box, else
/// both boxes and the authentication are lost. `bound` is checked by `open_once`, and not sent.
[[nodiscard]] Bytes seal_once(SecretKey const& key, std::span<std::byte const> bound,
                              std::string_view plain);

/// Errors: proof_failed when key, `bound` or `box` is not the one that was sealed.
[[nodiscard]] Result<std::string> open_once(SecretKey const& key, std::span<std::byte const> bound,
                                            std::span<std::byte const> box);

}  // namespace adaos::pki

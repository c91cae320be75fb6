#pragma once
/// The kinds of grants and what each may be: one table instead of rules at every door. Pure.

#include "base/random.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace adaos::enrol {

enum class Kind {
    member,     ///< short join code: one machine into one subnet
    node,       ///< join token: one named node, or a fleet
    host,       ///< host invite: one machine of a provider, bound to claims
    bootstrap,  ///< for one registered node: its script, its reads, its enrolment
    hub,        ///< with which a hub registers its subnet at Root
};
enum class Form { code, token };

/// Spec 5.3. Times in seconds, bounds included.
struct Policy {
    Kind kind;
    std::string_view word;  ///< as stored and shown
    Form form;
    std::string_view prefix;  ///< of a token; empty for codes
    std::chrono::seconds usual_life, least_life, most_life;
    /// Uses when the order names none; 0: as many as its time allows.
    std::int64_t usual_uses;
    bool may_be_many;  ///< more than one use
    int fetch_budget;  ///< reads (script, credential) before the enrolment
};
[[nodiscard]] Policy const& policy_of(Kind kind) noexcept;
[[nodiscard]] std::optional<Kind> parse_kind(std::string_view word) noexcept;
[[nodiscard]] inline std::string_view kind_word(Kind kind) noexcept {
    return policy_of(kind).word;
}

/// Bytes of randomness in a token.
inline constexpr std::size_t token_random_bytes = 32;
/// `prefix` and 43 characters of base64url.
[[nodiscard]] Secret random_token(std::string_view prefix, Random& random);
[[nodiscard]] Secret make_token(Kind kind, Random& random);
/// It has the prefix, length and alphabet of that kind.
[[nodiscard]] bool is_token_of(Kind kind, std::string_view text) noexcept;

}  // namespace adaos::enrol

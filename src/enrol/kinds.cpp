#include "enrol/kinds.hpp"

#include "base/bytes.hpp"

#include <algorithm>
#include <array>

namespace adaos::enrol {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds day = 24h;

// In the order of Kind.
constexpr std::array policies{
    Policy{Kind::member, "member", Form::code, "", 15min, 1min, 60min, 1, false, 0},
    Policy{Kind::node, "node", Form::token, "otx_join_", 1h, 1min, day, 0, true, 0},
    Policy{Kind::host, "host", Form::token, "adaos_host_", day, 1h, 7 * day, 1, false, 0},
    Policy{Kind::bootstrap, "bootstrap", Form::token, "adaos_boot_", 1h, 1min, day, 1, false, 5},
    Policy{Kind::hub, "hub", Form::token, "adaos_bt_", 600s, 600s, 600s, 1, false, 0},
};

constexpr std::size_t token_text_bytes = 43;  // 32 bytes in base64url

bool is_base64url(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

}  // namespace

Policy const& policy_of(Kind kind) noexcept {
    return policies[static_cast<std::size_t>(kind)];
}

std::optional<Kind> parse_kind(std::string_view word) noexcept {
    for (auto const& policy : policies)
        if (policy.word == word) return policy.kind;
    return std::nullopt;
}

Secret random_token(std::string_view prefix, Random& random) {
    std::array<std::byte, token_random_bytes> bytes{};
    random.fill(bytes);
    Secret token(std::string(prefix) + to_base64url(bytes));
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return token;
}

Secret make_token(Kind kind, Random& random) {
    return random_token(policy_of(kind).prefix, random);
}

bool is_token_of(Kind kind, std::string_view text) noexcept {
    auto const prefix = policy_of(kind).prefix;
    if (prefix.empty() || !text.starts_with(prefix)) return false;
    auto const rest = text.substr(prefix.size());
    return rest.size() == token_text_bytes && std::all_of(rest.begin(), rest.end(), is_base64url);
}

}  // namespace adaos::enrol

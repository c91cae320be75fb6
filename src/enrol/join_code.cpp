#include "enrol/join_code.hpp"

#include "base/problem.hpp"

#include <algorithm>

namespace adaos::enrol {
namespace {

/// Longest text a person may type for a code, dashes and blanks included, in bytes.
constexpr std::size_t max_typed_bytes = 64;

bool is_code_length(std::size_t length) {
    return length == 8 || length == 10 || length == 12;
}

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_filler(char c) {
    return c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

}  // namespace

Result<void> check_code_length(int length) {
    if (length < 0 || !is_code_length(static_cast<std::size_t>(length)))
        return Error(Problem::invalid_field, "length is 8, 10 or 12");
    return Result<void>();
}

Secret make_code(Random& random, int length) {
    std::string code;
    code.reserve(static_cast<std::size_t>(length));
    for (int i = 0; i < length; ++i)
        code += code_alphabet[static_cast<std::size_t>(random.below(code_alphabet.size()))];
    return Secret(std::move(code));
}

std::string display_code(Secret const& canonical) {
    auto const& code = canonical.reveal();
    return code.substr(0, code.size() / 2) + "-" + code.substr(code.size() / 2);
}

Result<Secret> parse_code(std::string_view typed) {
    if (typed.size() > max_typed_bytes) return Error(Problem::code_malformed, "over 64 bytes");
    std::string code;
    code.reserve(max_typed_bytes);  // so that growing leaves no copies behind
    for (char const c : typed)
        if (!is_filler(c)) code += upper(c);
    Secret canonical(std::move(code));
    auto const& text = canonical.reveal();
    if (text.empty()) return Error(Problem::code_blank);
    if (!is_code_length(text.size())) return Error(Problem::code_malformed, "its length");
    auto const known = [](char c) { return code_alphabet.find(c) != std::string_view::npos; };
    if (!std::all_of(text.begin(), text.end(), known))
        return Error(Problem::code_malformed, "a symbol that no code has");
    return canonical;
}

std::string code_slot(Secret const& canonical) {
    auto const& code = canonical.reveal();
    return code.substr(0, code.size() / 2 - 2);  // 8, 10, 12 -> 2, 3, 4
}

Secret code_secret(Secret const& canonical) {
    auto const& code = canonical.reveal();
    return Secret(code.substr(code.size() / 2 - 2));
}

bool is_slot(std::string_view text) {
    return text.size() >= 2 && text.size() <= 4 &&
           text.find_first_not_of(code_alphabet) == std::string_view::npos;
}

Digest code_mac(std::span<std::byte const> key, Secret const& canonical) {
    return hmac_sha256(key, as_bytes(canonical.reveal()));
}

}  // namespace adaos::enrol

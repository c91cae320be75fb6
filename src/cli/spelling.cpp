#include "cli/spelling.hpp"

#include <algorithm>
#include <string_view>

namespace adaos::cli {
namespace {

/// Letters put in, left out, exchanged, or swapped with the next one.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t const differs = a[i - 1] == b[j - 1] ? 0 : 1;
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + differs});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a.size()][b.size()];
}

/// Longer words are no command of ours.
constexpr std::size_t max_word = 40;

}  // namespace

std::string nearest(std::string const& typed, std::vector<std::string> const& known) {
    if (typed.empty() || typed.size() > max_word) return {};
    std::string best;
    auto least = typed.size() / 2 + 1;  // more changes than this, and it is another word
    for (auto const& word : known) {
        auto const changes = word.starts_with(typed) ? 0 : distance(typed, word);
        if (changes >= least) continue;
        least = changes;
        best = word;
    }
    return best;
}

std::string shell_word(std::string const& word) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
    std::string out = "'";
    for (char const c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + '\'';
}

}  // namespace adaos::cli

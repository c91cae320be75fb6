/// Prints docs/errors.md from the table in base/problem.cpp: print_errors >docs/errors.md

#include "base/problem.hpp"

#include <iostream>
#include <string>
#include <string_view>

namespace {

/// "no such code" -> "No such code".
std::string sentence(std::string_view text) {
    std::string made(text);
    if (!made.empty() && made[0] >= 'a' && made[0] <= 'z')
        made[0] = static_cast<char>(made[0] - 'a' + 'A');
    return made;
}

}  // namespace

int main() {
    std::cout
        << "# Errors\n"
           "\n"
           "<!-- Made by tools/print_errors.cpp from src/base/problem.cpp; a test compares "
           "them. -->\n"
           "\n"
           "Every error has an id that never changes its meaning. A command prints two lines "
           "on stderr,\n"
           "the sentence with its id and the next step, and exits with the code below; an "
           "HTTP answer is\n"
           "`application/problem+json` (RFC 9457) with the id in `code`, the next step in `next`, "
           "and in `type`\n"
           "the way to a page that says the same: `/errors/` and the id, at the server that was "
           "asked.\n";
    for (auto const& p : adaos::problems())
        std::cout << "\n## " << p.id << ' ' << p.slug << "\n\n"
                  << sentence(p.title) << ". HTTP status " << p.http_status << ", exit code "
                  << p.exit_code << ".\n\n"
                  << p.next << ".\n";
}

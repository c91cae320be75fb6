/// Any bytes: a code is refused, or it is canonical and every way of writing it is the same code.

#include "enrol/join_code.hpp"

#include <cstdint>
#include <cstdlib>

using namespace adaos;
using namespace adaos::enrol;

namespace {

void check(bool ok) {
    if (!ok) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const typed(reinterpret_cast<char const*>(data), size);
    auto const code = parse_code(typed);
    if (code.has_error()) return 0;
    auto const& text = code->reveal();
    check(check_code_length(static_cast<int>(text.size())).has_value());
    check(text.find_first_not_of(code_alphabet) == std::string::npos);
    check(text.starts_with(code_slot(*code)));
    for (auto const& other : {text, display_code(*code), to_lower(display_code(*code))}) {
        auto const same = parse_code(other);
        check(same.has_value() && same->reveal() == text);
    }
    return 0;
}

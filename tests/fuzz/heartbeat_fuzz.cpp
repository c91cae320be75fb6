/// Any bytes: a heartbeat or a hub's report is refused, or it means the same after another way over
/// a link.

#include "registry/heartbeat.hpp"

#include <cstdint>
#include <cstdlib>

using namespace adaos;
using namespace adaos::registry;

namespace {

void check(bool ok) {
    if (!ok) std::abort();
}

template <class Parse>
void check_way(std::string_view bytes, Parse const& parse) {
    auto const first = parse(bytes);
    if (first.has_error()) return;
    auto const text = to_json(*first);
    auto const again = parse(text);
    check(again.has_value() && to_json(*again) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const bytes(reinterpret_cast<char const*>(data), size);
    check_way(bytes, heartbeat_from_json);
    check_way(bytes, reports_from_json);
    return 0;
}

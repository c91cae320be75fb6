/// Any bytes: rows are refused, or they are valid and mean the same after another way over a link.

#include "registry/nodes.hpp"

#include <cstdint>
#include <cstdlib>

using namespace adaos;
using namespace adaos::registry;

namespace {

void check(bool ok) {
    if (!ok) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const nodes = nodes_from_json({reinterpret_cast<char const*>(data), size});
    if (nodes.has_error()) return 0;
    for (auto const& node : *nodes) check(check_node(node).has_value());
    auto const text = to_json(*nodes);
    auto const again = nodes_from_json(text);
    check(again.has_value() && again->size() == nodes->size());
    check(to_json(*again) == text);
    return 0;
}

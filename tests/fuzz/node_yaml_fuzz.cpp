/// node.yaml: parsing never crashes, and what was accepted is accepted again after a rewrite, which
/// then changes nothing any more.

#include "identity/node_config.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace adaos::identity;
    auto const config = parse_node_yaml({reinterpret_cast<char const*>(data), size});
    if (!config) return 0;
    auto const text = to_yaml(*config);
    auto const again = parse_node_yaml(text);
    if (!again || again->node_id != config->node_id || again->role != config->role ||
        again->hub_url != config->hub_url || again->node_names != config->node_names ||
        to_yaml(*again) != text)
        std::abort();
    return 0;
}

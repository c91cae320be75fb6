/// Any bytes: an order for a token and a redemption are refused, or hold what their grammar allows;
/// whatever is refused has a body that can be made.

#include "api/enrol_door.hpp"
#include "base/names.hpp"
#include "node/agent_answer.hpp"
#include "node/agent_config.hpp"

#include <cstdint>
#include <cstdlib>

using namespace adaos;

namespace {

void check(bool ok) {
    if (!ok) std::abort();
}

void check_order(Result<enrol::RedeemOrder> const& order, enrol::Door door) {
    if (order.has_error()) {
        auto const refusal = api::refusal_at(door, order.error());
        check(refusal.status >= 400 && !api::refusal_json(refusal).empty());
        return;
    }
    check(!order->secret.empty());
    check(order->node_name.empty() || is_node_label(order->node_name));
    auto const& url = order->inventory.advertised_endpoint;
    check(url.empty() || !api::host_of(url).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const bytes(reinterpret_cast<char const*>(data), size);
    auto const minted = api::parse_token_order(bytes);
    if (minted.refusal) check(!api::refusal_json(*minted.refusal).empty());
    check_order(api::parse_node_join(bytes), enrol::Door::node);
    check_order(api::parse_enrolment(bytes), enrol::Door::canonical);
    (void)node::find_pinned_ca(bytes, "sha256:" + std::string(64, '0'));
    (void)node::parse_agent_answer(bytes);
    auto const config = node::parse_agent_yaml(bytes);
    if (config) {
        auto const again = node::parse_agent_yaml(node::agent_yaml(*config));
        check(again.has_value() && *again == *config);
    }
    return 0;
}

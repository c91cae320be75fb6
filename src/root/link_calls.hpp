#pragma once
/// JSON of the calls between hub and Root (docs/protocol/http-api.md, "Calls over a link").

#include "enrol/grants.hpp"
#include "registry/nodes.hpp"
#include "root/hub_links.hpp"

#include <string>

namespace adaos::root {

struct CodeWish {
    std::chrono::seconds ttl{900};
    int length = 8;
};
[[nodiscard]] Result<CodeWish> parse_code_wish(std::string_view params);
/// What Root's admin sends for one: the same with `subnet_id`.
struct CodeOrder {
    std::string subnet_id;
    CodeWish code;
};
[[nodiscard]] Result<CodeOrder> parse_code_order(std::string_view body);
/// As a hub answers its own admin.
[[nodiscard]] std::string code_json(enrol::Minted const& minted, std::string const& subnet_id,
                                    RootFacts const& facts);
[[nodiscard]] std::string code_answer(enrol::Minted const& minted, RootFacts const& facts);

struct NodesWish {
    WallTime since{};
    int limit = 100;
};
[[nodiscard]] Result<NodesWish> parse_nodes_wish(std::string_view params);
/// The node ids of `nodes.arrived`.
[[nodiscard]] Result<std::vector<std::string>> parse_arrived(std::string_view params);
[[nodiscard]] std::string nodes_answer(std::vector<registry::Node> const& nodes);

}  // namespace adaos::root

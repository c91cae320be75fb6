#pragma once
/// Nodes that are in the inventory before they ever speak: rows in state `invited`, without a key,
/// and what operators wrote down of them. Synchronous, over one Database.

#include "registry/nodes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace adaos::registry {

struct InventoryItem {
    std::string node_id;  ///< empty: a new one is made
    std::string subnet_id;
    std::string name;  ///< empty: from the host
    std::string host, sku, region;
    std::string onboarding_mode = "manual";  ///< or "maas"
    WallTime created_at{};
    std::string created_by;
};

class NodeInventory {
public:
    explicit NodeInventory(store::Database& db) : db_(db) {}

    /// The row of the node as it is then; the same id or name again is refused. Call inside a
    /// transaction. Errors: name_taken, invalid_field.
    [[nodiscard]] Result<Node> add(InventoryItem item);
    [[nodiscard]] Result<std::optional<InventoryItem>> find(std::string_view node_id);

private:
    store::Database& db_;
};

}  // namespace adaos::registry

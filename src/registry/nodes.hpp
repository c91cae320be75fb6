#pragma once
/// The nodes an authority or a hub knows, durably. Who is connected right now is not here but in
/// link::Downlinks. Synchronous, over one Database; the schema is state/sql/.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "store/database.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace adaos::registry {

struct Node {
    std::string node_id;
    std::string subnet_id;
    std::string role;      ///< "hub" or "member"
    std::string name;      ///< unique within the subnet among nodes not removed
    std::string hostname;
    std::string zone;
    std::string spki_sha256;  ///< hex; the key the identity is bound to
    std::string issued_by;    ///< "root" or "hub"
    WallTime created_at{};
    WallTime updated_at{};
    std::optional<WallTime> first_hello_at;
    std::optional<WallTime> last_seen_at;
    std::optional<WallTime> removed_at;
};

class Nodes {
public:
    explicit Nodes(store::Database& db) : db_(db) {}

    /// New row, or update of the row with the same id *and* key. A taken name gets "-2", "-3", ….
    /// Returns the row as stored. Errors: Problem::duplicate_identity when the id is bound to another
    /// key; Problem::invalid_field.
    [[nodiscard]] Result<Node> admit(Node node);
    [[nodiscard]] Result<std::optional<Node>> find(std::string_view node_id);
    /// By id or, among the subnet's nodes, by name. Removed nodes are not found.
    [[nodiscard]] Result<std::optional<Node>> find_in(std::string_view subnet_id,
                                                      std::string_view id_or_name);
    [[nodiscard]] Result<std::vector<Node>> list(std::string_view subnet_id);
    /// Nodes of the subnet changed after `since` (updated_at > since), oldest first, at most `limit`.
    [[nodiscard]] Result<std::vector<Node>> changed_since(std::string_view subnet_id, WallTime since,
                                                          int limit);
    /// A hello was accepted: sets first_hello_at once, last_seen_at, and name/hostname/zone if given.
    [[nodiscard]] Result<void> seen(std::string_view node_id, WallTime now);
    [[nodiscard]] Result<void> remove(std::string_view node_id, WallTime now);

private:
    store::Database& db_;
};

/// A host name made into a node name: lower case, other characters to '-', cut at 40; "node" if
/// nothing is left.
[[nodiscard]] std::string name_from_hostname(std::string_view hostname);

/// JSON object / array of objects: node_id, subnet_id, role, name, hostname, zone, created_at,
/// last_seen_at, …; and the reverse for rows that travel over a link.
[[nodiscard]] std::string to_json(std::vector<Node> const& nodes);
[[nodiscard]] Result<std::vector<Node>> nodes_from_json(std::string_view text);

/// Migration steps, in order; the authority's database and the hub's share them. Text in state/sql.
[[nodiscard]] std::span<char const* const> schema();

}  // namespace adaos::registry

#pragma once
/// The nodes an authority or a hub knows, durably. Who is connected right now is not here but in
/// link::Downlinks. Synchronous, over one Database; the schema is state/sql/.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "registry/heartbeat.hpp"
#include "store/database.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace adaos::registry {

struct Node {
    std::string node_id;
    std::string subnet_id;
    std::string role;  ///< "hub" or "member"
    std::string name;  ///< unique within the subnet among nodes not removed
    std::string hostname;
    std::string zone;
    std::string spki_sha256;  ///< hex; the key the identity is bound to
    std::string issued_by;    ///< "root" or "hub"
    WallTime created_at{};
    WallTime updated_at{};
    std::optional<WallTime> first_hello_at;
    std::optional<WallTime> last_seen_at;  ///< its last hello or heartbeat
    std::optional<WallTime> removed_at;
    // The axes (vocabulary.hpp). Of these `admit` takes the architecture alone.
    Enrolment enrolment = Enrolment::pending;
    Provisioning provisioning = Provisioning::unprovisioned;
    std::string provisioning_cause;
    Scheduling scheduling = Scheduling::open;
    std::optional<WallTime> cordoned_at;
    std::string cordoned_by;
    Inventory inventory;
};

[[nodiscard]] Axes axes_of(Node const& node, bool connected);

/// A part of all nodes, by subnet and name.
struct NodePage {
    std::string subnet_id;     ///< empty: of every subnet
    std::string architecture;  ///< empty: any
    std::string after_subnet, after_name;
    int limit = 0;
};

class Nodes {
public:
    explicit Nodes(store::Database& db) : db_(db) {}

    /// New row, or update of the row with the same id *and* key (a removed one comes back, unless
    /// `node.removed_at` is set). Without a name: the row's own, else one from the host name. A
    /// taken name gets "-2", "-3", …. `updated_at` is stored as given; a row that is older than the
    /// stored one changes nothing, so rows may arrive in any order. Returns the row as stored. One
    /// statement per try: needs no transaction, may run in one. Errors: Problem::duplicate_identity
    /// when the id is bound to another key; Problem::invalid_field.
    [[nodiscard]] Result<Node> admit(Node node);
    /// Removed nodes too (a link must refuse them): look at `removed_at`.
    [[nodiscard]] Result<std::optional<Node>> find(std::string_view node_id);
    /// By id or, among the subnet's nodes, by name. Removed nodes are not found.
    [[nodiscard]] Result<std::optional<Node>> find_in(std::string_view subnet_id,
                                                      std::string_view id_or_name);
    /// Removed nodes are left out. By creation.
    [[nodiscard]] Result<std::vector<Node>> list(std::string_view subnet_id);
    /// Whether any node, removed ones too, was ever of this subnet.
    [[nodiscard]] Result<bool> was_used(std::string_view subnet_id);
    /// Every hub of every subnet, removed ones left out.
    [[nodiscard]] Result<std::vector<Node>> hubs();
    /// The subnet's hub, unless it was removed.
    [[nodiscard]] Result<std::optional<Node>> hub_of(std::string_view subnet_id);
    /// Nodes of the subnet changed after `since` (updated_at > since), oldest first, at most
    /// `limit`; removed ones too, invited ones not. Exact when the rows were admitted with times
    /// from `next_change`.
    [[nodiscard]] Result<std::vector<Node>> changed_since(std::string_view subnet_id,
                                                          WallTime since, int limit);
    /// `now`, or just after the subnet's latest change when the clock stood still or went back: the
    /// `updated_at` an authority gives a row it makes or changes itself. In the writing
    /// transaction.
    [[nodiscard]] Result<WallTime> next_change(std::string_view subnet_id, WallTime now);
    /// A hello was accepted: sets first_hello_at once, and last_seen_at (which never goes back).
    /// Does not touch updated_at. Errors: Problem::node_unknown, for a removed node too.
    [[nodiscard]] Result<void> seen(std::string_view node_id, WallTime now);
    /// The subnet's node that holds this key (hex); removed ones are not found.
    [[nodiscard]] Result<std::optional<Node>> find_by_key(std::string_view subnet_id,
                                                          std::string_view spki);
    /// From now on the node is who holds the key `spki` (hex): the old one opens no link any more,
    /// and the node counts as not heard yet. Errors: Problem::node_unknown.
    [[nodiscard]] Result<void> replace_key(std::string_view node_id, std::string_view spki,
                                           WallTime now);
    /// The row stays, its name is free again. Errors: Problem::node_unknown.
    [[nodiscard]] Result<void> remove(std::string_view node_id, WallTime now);
    /// The same, as another registry did it, whose row changed at `at`: that becomes the time of
    /// ours, so that a later join here counts as later there, whatever the two clocks say. Also for
    /// a node that is removed here already. Errors: none for a node that is not known.
    [[nodiscard]] Result<void> remove_as_told(std::string_view node_id, WallTime at);

    // The axes (node_axes.cpp). None of these touches updated_at.
    /// At most two nodes of that name, in the subnet or, when it is empty, in all: more than one
    /// means the name is not enough.
    [[nodiscard]] Result<std::vector<Node>> named(std::string_view name,
                                                  std::string_view subnet_id);
    [[nodiscard]] Result<std::vector<Node>> page(NodePage const& wish);
    /// An operator's command, durably; the row as it is then. Call inside a transaction. Errors:
    /// node_unknown, next_scheduling's.
    [[nodiscard]] Result<Node> schedule(std::string_view node_id, SchedulingCommand command,
                                        Work work, WallTime now, std::string_view actor);
    /// What the node said at its enrolment takes the place of what was known; what is empty stays.
    /// Errors: node_unknown.
    [[nodiscard]] Result<Node> describe(std::string_view node_id, Inventory const& said);
    /// Errors: node_unknown.
    [[nodiscard]] Result<void> set_provisioning(std::string_view node_id, Provisioning state,
                                                std::string_view cause);
    /// A node's own word. Call inside a transaction: all of it is taken or nothing. Errors:
    /// node_unknown, node_gone, architecture_mismatch.
    [[nodiscard]] Result<Node> heartbeat(std::string_view node_id, Heartbeat const& said,
                                         WallTime now);
    /// Removed ones, too; by id, behind `node_id`.
    [[nodiscard]] Result<std::vector<Node>> after(std::string_view subnet_id,
                                                  std::string_view node_id, int limit);
    /// A hub's word on one of its members that is in the registry; others change nothing. Does
    /// not remove.
    [[nodiscard]] Result<void> mirror(std::string_view subnet_id, NodeReport const& report);

private:
    Result<Node> existing(std::string_view node_id);
    store::Database& db_;
};

/// A host name made into a node name: lower case, other characters to '-', none of them at an end,
/// cut at 40; "node" if nothing is left; "n-" before one that looks like a node id.
[[nodiscard]] std::string name_from_hostname(std::string_view hostname);

/// Most rows that one JSON text may carry.
inline constexpr std::size_t max_json_nodes = 4096;

/// A JSON array of objects: node_id, subnet_id, role, name, hostname, zone, spki_sha256, issued_by,
/// created_at, updated_at, first_hello_at, last_seen_at, removed_at (RFC 3339 in seconds, or null),
/// and `updated_ms`, the exact updated_at, which is what `changed_since` takes.
[[nodiscard]] std::string to_json(std::vector<Node> const& nodes);
/// The reverse, for rows that travel over a link; unknown members are ignored.
/// Errors: Problem::bad_request (no JSON array), Problem::invalid_field.
[[nodiscard]] Result<std::vector<Node>> nodes_from_json(std::string_view text);
/// What the grammar of every field asks. Errors: Problem::invalid_field with the field's name.
[[nodiscard]] Result<void> check_node(Node const& node);

/// Migration steps, in order; the authority's database and the hub's share them. Text in state/sql.
[[nodiscard]] std::span<char const* const> schema();

}  // namespace adaos::registry

#pragma once
/// What operators do with nodes, whoever asks and however: a hub has one for its subnet, Root one
/// for all. The registry decides; NodeReach does what needs a link. docs/protocol/http-api.md,
/// "Nodes".

#include "api/desk.hpp"
#include "identity/provisioning.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace adaos::api {

enum class NodeCommand { cordon, uncordon, drain, pause, resume, remove };
[[nodiscard]] std::string_view command_name(NodeCommand command) noexcept;
[[nodiscard]] std::optional<NodeCommand> parse_command(std::string_view text) noexcept;

struct NodeOrder {
    NodeCommand command = NodeCommand::cordon;
    enum class Force { no, yes } force = Force::no;
    std::string actor;  ///< for the audit trail
};

/// Something on a node that a removal or a drain would break off.
struct Blocking {
    std::string kind;  ///< "relayed_exchanges"
    std::size_t count = 0;
};
/// "relayed_exchanges=3": how a refusal says it in its detail, over links, too. Kinds with a count
/// of 0 are left out.
[[nodiscard]] std::string blocking_text(std::vector<Blocking> const& blocking);

/// The links of whoever keeps the registry. All on the loop.
class NodeReach {
public:
    virtual ~NodeReach() = default;
    [[nodiscard]] virtual bool is_connected(registry::Node const& node) const = 0;
    [[nodiscard]] virtual std::vector<Blocking> blocking(registry::Node const& node) const = 0;
    /// Has the node itself change and keep its provisioning state. Errors: node_offline, the
    /// node's.
    virtual net::Task<Result<identity::ProvisioningState>> provision(
        registry::Node node, identity::ProvisioningCommand command) = 0;
    /// The node is no longer in the registry: ends its links, retired ones too, and tells the
    /// other registry.
    virtual void cut_off(registry::Node const& node) = 0;
    /// Another registry's node: has that one carry the order out and mirrors the result. Absent:
    /// it is ours. Errors inside: hub_offline, the other's.
    virtual net::Task<std::optional<Result<void>>> pass_on(registry::Node node,
                                                           NodeOrder order) = 0;
};

class NodeOffice {
public:
    NodeOffice(Desk& desk, NodeReach& reach) : desk_(desk), reach_(reach) {}

    /// The node as it is then. Errors: node_busy (its context is a blocking_text), node_state,
    /// node_unknown, node_offline, hub_offline.
    net::Task<Result<registry::Node>> carry_out(registry::Node node, NodeOrder order);
    /// A node that has been draining and has no more work is cordoned: looked at whenever it is
    /// shown or reports. Returns it as it is then.
    net::Task<registry::Node> settle(registry::Node node);

    [[nodiscard]] Desk& desk() noexcept { return desk_; }
    /// How a report came.
    enum class Report { by_link, posted };
    void note_report(std::string const& node_id, Report report);
    [[nodiscard]] registry::Axes axes(registry::Node const& node) const;

private:
    net::Task<Result<registry::Node>> schedule(registry::Node node, NodeOrder order);
    net::Task<Result<registry::Node>> provision(registry::Node node, NodeOrder order);
    net::Task<Result<registry::Node>> remove(registry::Node node, NodeOrder order);
    [[nodiscard]] registry::Work work_on(registry::Node const& node) const;

    Desk& desk_;
    NodeReach& reach_;
    std::set<std::string> posters_;  ///< whose last report was posted
};

/// The order of a link's call `node.operate`, and the node it is for.
struct OrderFor {
    std::string node_id;
    NodeOrder order;
};
[[nodiscard]] std::string to_json(OrderFor const& order);
/// Errors: bad_request, invalid_field.
[[nodiscard]] Result<OrderFor> order_from_json(std::string_view text);
/// `node.heard`: Root tells a hub what an agent of its subnet has told Root.
struct Heard {
    std::string node_id, heartbeat_json;
};
[[nodiscard]] std::string heard_json(Heard const& heard);
/// Errors: bad_request, invalid_field.
[[nodiscard]] Result<Heard> parse_heard(std::string_view text);
/// The answer to `node.pause` and `node.resume`.
[[nodiscard]] std::string to_json(identity::ProvisioningState const& state);
/// Errors: bad_answer.
[[nodiscard]] Result<identity::ProvisioningState> provisioning_from_json(std::string_view text);

}  // namespace adaos::api

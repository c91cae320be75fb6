#pragma once
/// What a node says of itself, every heartbeat, and what a hub says of its members to Root.

#include "registry/vocabulary.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adaos::registry {

struct Node;

/// What a node is. Empty or absent: it has not said.
struct Inventory {
    std::string architecture;  ///< "amd64" or "arm64"
    std::string agent_version;
    std::string advertised_endpoint;  ///< https URL
    std::string migration_host;
    std::optional<std::int64_t> migration_port_start, migration_port_end;  ///< 1024 to 65535
    std::string labels_json;    ///< an object of texts; "" in a heartbeat: as before
    std::string hardware_json;  ///< an object; "" in a heartbeat: as before
    [[nodiscard]] bool operator==(Inventory const&) const = default;
};

struct Heartbeat {
    Inventory inventory;
    std::optional<Provisioning> provisioning;
    std::string provisioning_cause;
};

/// Strict: a member that is not known is an error. Errors: bad_request (no object), validation
/// naming the member.
[[nodiscard]] Result<Heartbeat> heartbeat_from_json(std::string_view text);
[[nodiscard]] std::string to_json(Heartbeat const& heartbeat);

/// One member as its hub sees it. The hub owns these axes; Root keeps a copy.
struct NodeReport {
    std::string node_id;
    Axes axes;
    std::string provisioning_cause;
    std::optional<WallTime> cordoned_at;
    std::string cordoned_by;
    std::string architecture, agent_version;
    /// The hub removed it: so does Root, unless it has let the node in again since.
    std::optional<WallTime> removed_at;
};
[[nodiscard]] NodeReport report_of(Node const& node, Axes const& axes);
/// `{"nodes":[…]}`; as many as go into one control message: see max_reports.
[[nodiscard]] std::string to_json(std::vector<NodeReport> const& reports);
/// Unknown members are ignored: both ends are ours. Errors: bad_request, invalid_field.
[[nodiscard]] Result<std::vector<NodeReport>> reports_from_json(std::string_view text);

/// 400 bytes each stay well below a control message's 64 KiB.
inline constexpr std::size_t max_reports = 100;

}  // namespace adaos::registry

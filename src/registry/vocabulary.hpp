#pragma once
/// The four axes that describe a node, how each may move, and the one table that makes every
/// view's words out of them. Pure. docs/protocol/http-api.md, "The words for a node".

#include "base/clock.hpp"
#include "base/error.hpp"
#include "identity/provisioning.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace adaos::registry {

using identity::Provisioning;

/// Written by the registry.
enum class Enrolment {
    invited,  ///< a row and a live grant, no credential yet
    pending,  ///< it has a credential and was never heard
    active,
    retired,  ///< deprovisioned; the row is kept for the record
    deleted,
};
/// Written by operators.
enum class Scheduling { open, cordoned, draining };
/// Found at run time. A registry that has just started has nobody connected.
enum class Liveness { never, connected, stale };

[[nodiscard]] std::string_view enrolment_name(Enrolment e) noexcept;
[[nodiscard]] std::string_view scheduling_name(Scheduling s) noexcept;
[[nodiscard]] std::string_view liveness_name(Liveness l) noexcept;
[[nodiscard]] std::optional<Enrolment> parse_enrolment(std::string_view text) noexcept;
[[nodiscard]] std::optional<Scheduling> parse_scheduling(std::string_view text) noexcept;

/// How often a node reports, and how long it may be silent before it counts as unreachable: three
/// reports missed (Otherix' numbers).
inline constexpr std::chrono::seconds heartbeat_interval{30};
inline constexpr std::chrono::seconds stale_after = 3 * heartbeat_interval;

struct Axes {
    Enrolment enrolment = Enrolment::pending;
    Provisioning provisioning = Provisioning::unprovisioned;
    Scheduling scheduling = Scheduling::open;
    bool connected = false;  ///< its link is up now
    std::optional<WallTime> last_heartbeat_at;
    /// Since this registry started it has reported, and without a link: so agents do, who have
    /// none. Alive is then who was heard lately.
    bool posts = false;
};

[[nodiscard]] Liveness liveness(Axes const& axes, WallTime now) noexcept;

/// The views of a node. An operator's node list (001) says `status`, a fleet's host list (002)
/// `row`, AdaOS' node status (000) `ready` and `route_mode`.
struct Words {
    bool present = true;  ///< false: 404, no row, no member
    std::string_view status;
    std::string_view row;
    bool ready = false;
    std::string_view route_mode;  ///< "ws" while the link is up, else "none"
    bool placeable = false;       ///< new work may be put there
};
[[nodiscard]] Words words(Axes const& axes, WallTime now) noexcept;
/// Every word `Words::status` can be: what a filter may ask for.
[[nodiscard]] bool is_status_word(std::string_view text) noexcept;

enum class EnrolmentEvent { redeemed, heard, retired, deleted };
/// Errors: node_gone when a retired or deleted node is heard; node_state when one without a
/// credential is; node_unknown when a deleted one is deleted or retired.
[[nodiscard]] Result<Enrolment> next_enrolment(Enrolment from, EnrolmentEvent event);

enum class SchedulingCommand { cordon, uncordon, drain };
/// Whether anything runs on the node that a drain waits for.
enum class Work { none, some };
/// Each command may be repeated. A drain ends as `cordoned` when there is no (more) work; uncordon
/// ends a drain and, on an open node, changes nothing. Errors: node_state for a retired node,
/// node_unknown for a deleted one.
[[nodiscard]] Result<Scheduling> next_scheduling(Axes const& axes, SchedulingCommand command,
                                                 Work work);

}  // namespace adaos::registry

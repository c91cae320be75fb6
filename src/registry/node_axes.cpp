// The axes of a node, in the store.
#include "base/problem.hpp"
#include "registry/node_rows.hpp"

namespace adaos::registry {
namespace {

Error damaged(std::string_view what) {
    return Error(Problem::state_damaged, "node: " + std::string(what));
}

std::optional<std::int64_t> optional_number(store::Statement const& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return row.integer(column);
}

/// `value`, or nothing when it says nothing: then the stored one stays.
std::optional<std::string_view> said(std::string const& value) {
    if (value.empty()) return std::nullopt;
    return value;
}

}  // namespace

Result<void> read_axes(store::Statement const& row, int first, Node& into) {
    auto const enrolment = parse_enrolment(row.text(first));
    auto const provisioning = identity::parse_provisioning(row.text(first + 1));
    auto const scheduling = parse_scheduling(row.text(first + 3));
    if (!enrolment || !provisioning || !scheduling) return damaged("an unknown word");
    into.enrolment = *enrolment;
    into.provisioning = *provisioning;
    into.provisioning_cause = row.text(first + 2);
    into.scheduling = *scheduling;
    into.cordoned_at = optional_time(row, first + 4);
    into.cordoned_by = row.text(first + 5);
    auto& what = into.inventory;
    what.architecture = row.text(first + 6);
    what.agent_version = row.text(first + 7);
    what.advertised_endpoint = row.text(first + 8);
    what.migration_host = row.text(first + 9);
    what.migration_port_start = optional_number(row, first + 10);
    what.migration_port_end = optional_number(row, first + 11);
    what.labels_json = row.text(first + 12);
    what.hardware_json = row.text(first + 13);
    return {};
}

Axes axes_of(Node const& node, bool connected) {
    return {node.enrolment, node.provisioning, node.scheduling, connected, node.last_seen_at};
}

Result<std::vector<Node>> Nodes::named(std::string_view name, std::string_view subnet_id) {
    auto rows = db_.prepare(
        select_nodes("WHERE name = ?1 AND (?2 = '' OR subnet_id = ?2) AND removed_at IS NULL "
                     "ORDER BY subnet_id LIMIT 2"));
    rows.bind(1, name).bind(2, subnet_id);
    return read_all(std::move(rows));
}

Result<std::vector<Node>> Nodes::page(NodePage const& wish) {
    auto rows = db_.prepare(
        select_nodes("WHERE removed_at IS NULL AND (?1 = '' OR subnet_id = ?1) "
                     "AND (?2 = '' OR architecture = ?2) AND (subnet_id, name) > (?3, ?4) "
                     "ORDER BY subnet_id, name LIMIT ?5"));
    rows.bind(1, wish.subnet_id).bind(2, wish.architecture);
    rows.bind(3, wish.after_subnet).bind(4, wish.after_name).bind(5, std::int64_t{wish.limit});
    return read_all(std::move(rows));
}

Result<Node> Nodes::existing(std::string_view node_id) {
    auto const node = find(node_id);
    if (node.has_error()) return node.error();
    if (!*node || (*node)->removed_at) return Error(Problem::node_unknown, "");
    return **node;
}

Result<Node> Nodes::schedule(std::string_view node_id, SchedulingCommand command, Work work,
                             WallTime now, std::string_view actor) {
    auto const node = existing(node_id);
    if (node.has_error()) return node.error();
    auto const next = next_scheduling(axes_of(*node, false), command, work);
    if (next.has_error()) return next.error();
    if (*next == node->scheduling) return *node;
    auto put = db_.prepare(
        "UPDATE nodes SET scheduling = ?2, "
        "cordoned_at = CASE WHEN ?2 = 'open' THEN NULL ELSE coalesce(cordoned_at, ?3) END, "
        "cordoned_by = CASE WHEN ?2 = 'open' THEN '' WHEN cordoned_at IS NULL THEN ?4 "
        "ELSE cordoned_by END WHERE node_id = ?1");
    put.bind(1, node_id).bind(2, scheduling_name(*next)).bind(3, to_millis(now)).bind(4, actor);
    if (auto done = put.run(); done.has_error()) return done.error();
    return existing(node_id);
}

Result<Node> Nodes::describe(std::string_view node_id, Inventory const& now) {
    auto put =
        db_.prepare(returning_node("UPDATE nodes SET architecture = coalesce(?2, architecture), "
                                   "advertised_endpoint = coalesce(?3, advertised_endpoint), "
                                   "migration_host = coalesce(?4, migration_host), "
                                   "migration_port_start = coalesce(?5, migration_port_start), "
                                   "migration_port_end = coalesce(?6, migration_port_end) "
                                   "WHERE node_id = ?1 AND removed_at IS NULL"));
    put.bind(1, node_id).bind(2, said(now.architecture)).bind(3, said(now.advertised_endpoint));
    put.bind(4, said(now.migration_host)).bind(5, now.migration_port_start);
    put.bind(6, now.migration_port_end);
    auto const described = read_changed(std::move(put));
    if (described.has_error()) return described.error();
    if (!*described) return Error(Problem::node_unknown, "");
    return **described;
}

Result<void> Nodes::set_provisioning(std::string_view node_id, Provisioning state,
                                     std::string_view cause) {
    auto put = db_.prepare(
        "UPDATE nodes SET provisioning = ?2, provisioning_cause = ?3 "
        "WHERE node_id = ?1 AND removed_at IS NULL");
    put.bind(1, node_id).bind(2, identity::provisioning_name(state)).bind(3, cause);
    if (auto done = put.run(); done.has_error()) return done.error();
    if (db_.changes() == 0) return Error(Problem::node_unknown, "provisioning");
    return {};
}

Result<Node> Nodes::heartbeat(std::string_view node_id, Heartbeat const& said_now, WallTime now) {
    auto const known = find(node_id);
    if (known.has_error()) return known.error();
    if (!*known) return Error(Problem::node_unknown, "heartbeat");
    auto const enrolment = next_enrolment((*known)->enrolment, EnrolmentEvent::heard);
    if (enrolment.has_error()) return enrolment.error();
    auto const& what = said_now.inventory;
    auto const& before = (*known)->inventory.architecture;
    if (!what.architecture.empty() && !before.empty() && what.architecture != before)
        return Error(Problem::architecture_mismatch, what.architecture + " instead of " + before);
    auto put = db_.prepare(
        "UPDATE nodes SET architecture = coalesce(?2, architecture), "
        "agent_version = coalesce(?3, agent_version), "
        "advertised_endpoint = coalesce(?4, advertised_endpoint), "
        "migration_host = coalesce(?5, migration_host), "
        "migration_port_start = coalesce(?6, migration_port_start), "
        "migration_port_end = coalesce(?7, migration_port_end), "
        "labels_json = coalesce(?8, labels_json), hardware_json = coalesce(?9, hardware_json), "
        "enrolment = ?10 WHERE node_id = ?1");
    put.bind(1, node_id).bind(2, said(what.architecture)).bind(3, said(what.agent_version));
    put.bind(4, said(what.advertised_endpoint)).bind(5, said(what.migration_host));
    put.bind(6, what.migration_port_start).bind(7, what.migration_port_end);
    put.bind(8, said(what.labels_json)).bind(9, said(what.hardware_json));
    put.bind(10, enrolment_name(*enrolment));
    if (auto done = put.run(); done.has_error()) return done.error();
    if (said_now.provisioning) {
        auto kept = set_provisioning(node_id, *said_now.provisioning, said_now.provisioning_cause);
        if (kept.has_error()) return kept.error();
    }
    // Last: a node whose report could not be taken must not look alive.
    if (auto done = seen(node_id, now); done.has_error()) return done.error();
    return existing(node_id);
}

Result<std::vector<Node>> Nodes::after(std::string_view subnet_id, std::string_view node_id,
                                       int limit) {
    auto rows = db_.prepare(
        select_nodes("WHERE subnet_id = ?1 AND node_id > ?2 ORDER BY node_id LIMIT ?3"));
    rows.bind(1, subnet_id).bind(2, node_id).bind(3, std::int64_t{limit});
    return read_all(std::move(rows));
}

Result<void> Nodes::mirror(std::string_view subnet_id, NodeReport const& report) {
    auto const& axes = report.axes;
    auto put = db_.prepare(
        "UPDATE nodes SET enrolment = CASE WHEN enrolment = 'active' AND ?3 = 'pending' "
        "THEN enrolment ELSE ?3 END, provisioning = ?4, provisioning_cause = ?5, "
        "scheduling = ?6, cordoned_at = ?7, cordoned_by = ?8, "
        "last_seen_at = max(coalesce(last_seen_at, ?9), coalesce(?9, last_seen_at)), "
        "architecture = coalesce(?10, architecture), "
        "agent_version = coalesce(?11, agent_version) "
        "WHERE node_id = ?1 AND subnet_id = ?2 AND role = 'member' AND removed_at IS NULL");
    put.bind(1, report.node_id).bind(2, subnet_id);
    put.bind(3, enrolment_name(axes.enrolment));
    put.bind(4, identity::provisioning_name(axes.provisioning)).bind(5, report.provisioning_cause);
    put.bind(6, scheduling_name(axes.scheduling)).bind(7, optional_millis(report.cordoned_at));
    put.bind(8, report.cordoned_by).bind(9, optional_millis(axes.last_heartbeat_at));
    put.bind(10, said(report.architecture)).bind(11, said(report.agent_version));
    return put.run();
}

NodeReport report_of(Node const& node, Axes const& axes) {
    NodeReport out;
    out.node_id = node.node_id;
    out.axes = axes;
    out.provisioning_cause = node.provisioning_cause;
    out.cordoned_at = node.cordoned_at;
    out.cordoned_by = node.cordoned_by;
    out.architecture = node.inventory.architecture;
    out.agent_version = node.inventory.agent_version;
    // The change's time, not the clock's: later than all that the hub knew of Root's rows.
    if (node.removed_at) out.removed_at = node.updated_at;
    return out;
}

}  // namespace adaos::registry

#include "root/root_nodes.hpp"

#include "base/problem.hpp"

namespace adaos::root {
namespace {

constexpr std::chrono::seconds call_timeout{10};

bool is_hub(registry::Node const& node) {
    return node.role == "hub";
}

}  // namespace

std::optional<net::Task<Result<std::string>>> RootNodes::answer(link::Hello const& hub,
                                                                std::string const& method,
                                                                std::string params) {
    if (method == "node.heartbeat") return take_heartbeat(hub.node_id, std::move(params));
    if (method == "nodes.report") return take_report(hub.subnet_id, std::move(params));
    return std::nullopt;
}

net::Task<Result<std::string>> RootNodes::take_heartbeat(std::string node_id, std::string params) {
    auto said = registry::heartbeat_from_json(params);
    if (!said) co_return said.error();
    auto node = co_await desk_.heartbeat(std::move(node_id), std::move(*said));
    if (!node) co_return node.error();
    office_.note_report(node->node_id, api::NodeOffice::Report::by_link);
    (void)co_await office_.settle(std::move(*node));
    co_return std::string("{\"ok\":true}");
}

net::Task<Result<std::string>> RootNodes::take_report(std::string subnet_id, std::string params) {
    auto reports = registry::reports_from_json(params);
    if (!reports) co_return reports.error();
    auto const kept = co_await mirror(std::move(subnet_id), std::move(*reports));
    if (!kept) co_return kept.error();
    co_return std::string("{\"ok\":true}");
}

net::Task<Result<void>> RootNodes::mirror(std::string subnet_id,
                                          std::vector<registry::NodeReport> reports) {
    for (auto const& report : reports) {
        auto const& axes = report.axes;
        auto const id = report.node_id;
        if (!axes.connected) linked_members_[subnet_id].erase(id);
        if (!axes.connected && !axes.posts) continue;
        // A hub speaks of its own members: of any other id nothing is remembered.
        bool is_its = linked_members_[subnet_id].contains(id);
        if (!is_its) {
            auto const known = co_await desk_.find_node(id);
            if (!known) co_return known.error();
            is_its = *known && (*known)->subnet_id == subnet_id && !(*known)->removed_at &&
                     !is_hub(**known);
        }
        if (!is_its) continue;
        if (axes.connected) linked_members_[subnet_id].insert(id);
        // What it posted here counts, too: the hub need not have heard of it.
        office_.note_report(id, axes.connected ? api::NodeOffice::Report::by_link
                                               : api::NodeOffice::Report::posted);
    }
    co_return co_await desk_.mirror(std::move(subnet_id), std::move(reports));
}

bool RootNodes::is_connected(registry::Node const& node) const {
    auto const hub = hubs_.find(node.subnet_id);
    if (!hub || !hub->alive()) return false;
    if (is_hub(node)) return hub->hello().node_id == node.node_id;
    auto const members = linked_members_.find(node.subnet_id);
    return members != linked_members_.end() && members->second.contains(node.node_id);
}

std::vector<api::Blocking> RootNodes::blocking(registry::Node const& node) const {
    if (!is_hub(node)) return {};  // its hub looks
    return {{"relayed_exchanges", hubs_.open_streams(node.subnet_id)}};
}

net::Task<Result<identity::ProvisioningState>> RootNodes::provision(
    registry::Node node, identity::ProvisioningCommand command) {
    auto const hub = hubs_.find(node.subnet_id);
    if (!hub) co_return Error(Problem::hub_offline, "hub of " + node.subnet_id);
    std::string method =
        command == identity::ProvisioningCommand::pause ? "node.pause" : "node.resume";
    std::string none;
    auto const told = co_await hub->call(std::move(method), std::move(none), call_timeout);
    if (!told) co_return told.error();
    co_return api::provisioning_from_json(*told);
}

void RootNodes::cut_off(registry::Node const& node) {
    if (is_hub(node)) linked_members_.erase(node.subnet_id);
    let_go_(node);
}

net::Task<std::optional<Result<void>>> RootNodes::pass_on(registry::Node node,
                                                          api::NodeOrder order) {
    std::optional<Result<void>> out;
    if (is_hub(node)) co_return out;
    bool const removal = order.command == api::NodeCommand::remove;
    // A removal waits for nobody: the hub takes it over when it comes.
    if (removal && !hubs_.find(node.subnet_id)) co_return out;
    auto told = co_await order_at_hub(std::move(node), std::move(order));
    // A hub that never heard of the node has nothing to remove.
    if (removal && !told && told.error().code == Problem::node_unknown) co_return out;
    out = std::move(told);
    co_return out;
}

net::Task<Result<void>> RootNodes::order_at_hub(registry::Node node, api::NodeOrder order) {
    enrol::AuditRow row;
    row.event = "ordered";
    row.actor = order.actor;
    row.node_id = node.node_id;
    row.detail = "command=" + std::string(api::command_name(order.command));
    auto const noted = co_await desk_.note_event(row);
    if (!noted) co_return noted.error();
    auto told = co_await tell_hub(std::move(node), std::move(order));
    row.event = "answered";
    row.detail += " outcome=";
    row.detail += told ? "done" : describe(told.error().code).slug;
    auto const ended = co_await desk_.note_event(std::move(row));
    if (told && !ended) co_return ended.error();
    co_return told;
}

net::Task<Result<void>> RootNodes::tell_hub(registry::Node node, api::NodeOrder order) {
    auto const hub = hubs_.find(node.subnet_id);
    if (!hub) co_return Error(Problem::hub_offline, "hub of " + node.subnet_id);
    std::string method = "node.operate";
    api::OrderFor asked;
    asked.node_id = node.node_id;
    asked.order = std::move(order);
    auto params = api::to_json(asked);
    auto const told = co_await hub->call(std::move(method), std::move(params), call_timeout);
    if (!told) co_return told.error();
    auto reports = registry::reports_from_json(*told);
    if (!reports) co_return Error(Problem::bad_answer, reports.error().context);
    co_return co_await mirror(node.subnet_id, std::move(*reports));
}

}  // namespace adaos::root

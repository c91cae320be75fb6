#include "api/node_office.hpp"

#include "base/problem.hpp"

#include <algorithm>

namespace adaos::api {
namespace {

using registry::Node;
using registry::SchedulingCommand;

SchedulingCommand scheduling_of(NodeCommand command) {
    if (command == NodeCommand::cordon) return SchedulingCommand::cordon;
    return command == NodeCommand::drain ? SchedulingCommand::drain : SchedulingCommand::uncordon;
}

}  // namespace

std::string_view command_name(NodeCommand command) noexcept {
    switch (command) {
        case NodeCommand::cordon: return "cordon";
        case NodeCommand::uncordon: return "uncordon";
        case NodeCommand::drain: return "drain";
        case NodeCommand::pause: return "pause";
        case NodeCommand::resume: return "resume";
        case NodeCommand::remove: return "delete";
    }
    return "";
}

std::optional<NodeCommand> parse_command(std::string_view text) noexcept {
    for (auto const c : {NodeCommand::cordon, NodeCommand::uncordon, NodeCommand::drain,
                         NodeCommand::pause, NodeCommand::resume, NodeCommand::remove})
        if (text == command_name(c)) return c;
    return std::nullopt;
}

std::string blocking_text(std::vector<Blocking> const& blocking) {
    std::string out;
    for (auto const& [kind, count] : blocking) {
        if (count == 0) continue;
        if (!out.empty()) out += ", ";
        out += kind + "=" + std::to_string(count);
    }
    return out;
}

void NodeOffice::note_report(std::string const& node_id, Report report) {
    if (report == Report::posted)
        posters_.insert(node_id);
    else
        posters_.erase(node_id);
}

registry::Axes NodeOffice::axes(Node const& node) const {
    auto out = registry::axes_of(node, reach_.is_connected(node));
    out.posts = posters_.contains(node.node_id);
    return out;
}

registry::Work NodeOffice::work_on(Node const& node) const {
    auto const all = reach_.blocking(node);
    bool const some =
        std::any_of(all.begin(), all.end(), [](auto const& b) { return b.count > 0; });
    return some ? registry::Work::some : registry::Work::none;
}

net::Task<Result<Node>> NodeOffice::carry_out(Node node, NodeOrder order) {
    auto const elsewhere = co_await reach_.pass_on(node, order);
    if (elsewhere && elsewhere->has_error()) co_return elsewhere->error();
    if (elsewhere && order.command != NodeCommand::remove) {
        auto const now = co_await desk_.find_node(node.node_id);
        if (!now) co_return now.error();
        if (!*now) co_return Error(Problem::node_unknown, "");
        co_return **now;
    }
    if (order.command == NodeCommand::pause || order.command == NodeCommand::resume) {
        co_return co_await provision(std::move(node), std::move(order));
    }
    if (order.command == NodeCommand::remove) {
        // Whoever has carried it out elsewhere has looked at what blocks it, too.
        if (elsewhere) order.force = NodeOrder::Force::yes;
        auto const node_id = node.node_id;
        auto removed = co_await remove(std::move(node), std::move(order));
        bool const told_already =
            elsewhere && !removed && removed.error().code == Problem::node_unknown;
        if (!told_already) co_return removed;
        auto const known = co_await desk_.find_node(node_id);
        if (!known) co_return known.error();
        if (!*known) co_return removed;
        co_return **known;
    }
    co_return co_await schedule(std::move(node), std::move(order));
}

net::Task<Result<Node>> NodeOffice::schedule(Node node, NodeOrder order) {
    auto const work = work_on(node);
    co_return co_await desk_.schedule(node.node_id, scheduling_of(order.command), work,
                                      order.actor);
}

net::Task<Result<Node>> NodeOffice::provision(Node node, NodeOrder order) {
    auto const command = order.command == NodeCommand::pause
                             ? identity::ProvisioningCommand::pause
                             : identity::ProvisioningCommand::resume;
    auto const state = co_await reach_.provision(node, command);
    if (!state) co_return state.error();
    co_return co_await desk_.note_provisioning(node.node_id, *state, order.actor);
}

net::Task<Result<Node>> NodeOffice::remove(Node node, NodeOrder order) {
    if (order.force == NodeOrder::Force::no && work_on(node) == registry::Work::some)
        co_return Error(Problem::node_busy, blocking_text(reach_.blocking(node)));
    auto removed = co_await desk_.remove_node(node.node_id, order.actor);
    if (removed) {
        posters_.erase(removed->node_id);
        reach_.cut_off(*removed);
    }
    co_return removed;
}

net::Task<Node> NodeOffice::settle(Node node) {
    if (node.scheduling != registry::Scheduling::draining) co_return node;
    if (work_on(node) == registry::Work::some) co_return node;
    auto settled = co_await desk_.schedule(node.node_id, SchedulingCommand::drain,
                                           registry::Work::none, node.node_id);
    if (!settled) co_return node;
    co_return std::move(*settled);
}

}  // namespace adaos::api

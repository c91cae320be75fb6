#include "hub/hub_nodes.hpp"

#include "base/problem.hpp"
#include "identity/machine.hpp"

namespace adaos::hub {

HubNodes::HubNodes(net::Env env, identity::BaseDir dir, identity::NodeConfig const& config,
                   api::Desk& desk, link::LinkDoor& members, RootLink& root)
    : env_(std::move(env)),
      dir_(std::move(dir)),
      node_id_(config.node_id),
      subnet_id_(config.subnet_id),
      desk_(desk),
      members_(members),
      root_(root),
      office_(desk, *this),
      tasks_(env_.loop, env_.log) {}

bool HubNodes::is_connected(registry::Node const& node) const {
    if (node.node_id == node_id_) return true;
    auto const session = members_.links().find(node.node_id);
    return session && session->alive();
}

std::vector<api::Blocking> HubNodes::blocking(registry::Node const& node) const {
    return {{"relayed_exchanges", members_.links().open_streams(node.node_id)}};
}

net::Task<Result<identity::ProvisioningState>> HubNodes::provision(
    registry::Node node, identity::ProvisioningCommand command) {
    if (node.node_id == node_id_) co_return identity::command_provisioning(dir_, command);
    auto const session = members_.links().find(node.node_id);
    if (!session) co_return Error(Problem::node_offline, "node " + node.name);
    std::string method =
        command == identity::ProvisioningCommand::pause ? "node.pause" : "node.resume";
    std::string none;
    auto const told = co_await session->call(std::move(method), std::move(none), call_timeout);
    if (!told) co_return told.error();
    co_return api::provisioning_from_json(*told);
}

void HubNodes::cut_off(registry::Node const& node) {
    env_.log.info("node removed", {{"node", node.node_id}, {"name", node.name}});
    removed(node);
}

net::Task<std::optional<Result<void>>> HubNodes::pass_on(registry::Node node,
                                                         api::NodeOrder order) {
    std::optional<Result<void>> out;
    if (node.node_id == node_id_ && order.command == api::NodeCommand::remove)
        out = Error(Problem::node_state, "it is the hub itself; Root removes hubs");
    co_return out;
}

void HubNodes::linked() {
    told_removals_.clear();  // it may be another Root, or one from a backup
    tasks_.spawn(beat());
}

void HubNodes::removed(registry::Node const& node) {
    (void)members_.links().drop(node.node_id, "node_revoked",
                                "this node was removed from the subnet");
    tasks_.spawn(report(node.node_id));
}

net::Task<Result<std::string>> HubNodes::answer_member(link::Hello const& member,
                                                       std::string method, std::string params) {
    // Plain calls: the hello is only read here, before anything is awaited.
    if (method == "node.heartbeat") {
        return take_heartbeat(member.node_id, std::move(params), api::NodeOffice::Report::by_link);
    }
    return link::no_such_call(std::move(method));
}

net::Task<Result<std::string>> HubNodes::take_heartbeat(std::string node_id, std::string params,
                                                        api::NodeOffice::Report how) {
    auto said = registry::heartbeat_from_json(params);
    if (!said) co_return said.error();
    auto node = co_await desk_.heartbeat(node_id, std::move(*said));
    if (!node) co_return node.error();
    office_.note_report(node_id, how);
    (void)co_await office_.settle(std::move(*node));
    tasks_.spawn(report(std::move(node_id)));
    co_return std::string("{\"ok\":true}");
}

net::Task<Result<std::string>> HubNodes::answer(std::string method, std::string params) {
    using identity::ProvisioningCommand;
    if (method == "node.operate") return operate(std::move(params));
    if (method == "node.heard") return hear(std::move(params));
    if (method == "node.pause") return provision_self(ProvisioningCommand::pause);
    if (method == "node.resume") return provision_self(ProvisioningCommand::resume);
    return link::no_such_call(std::move(method));
}

/// An agent of our subnet, enrolled at Root, reports there.
net::Task<Result<std::string>> HubNodes::hear(std::string params) {
    auto heard = api::parse_heard(params);
    if (!heard) co_return heard.error();
    auto const known = co_await desk_.find_node(heard->node_id);
    if (!known) co_return known.error();
    bool const ours = *known && (*known)->role == "member" && (*known)->subnet_id == subnet_id_;
    if (!ours) co_return Error(Problem::node_unknown, "node " + heard->node_id);
    auto node_id = std::move(heard->node_id);
    co_return co_await take_heartbeat(std::move(node_id), std::move(heard->heartbeat_json),
                                      api::NodeOffice::Report::posted);
}

net::Task<Result<std::string>> HubNodes::provision_self(identity::ProvisioningCommand command) {
    auto const state = identity::command_provisioning(dir_, command);
    if (!state) co_return state.error();
    auto const noted = co_await desk_.note_provisioning(node_id_, *state, "root");
    if (!noted) co_return noted.error();
    co_return api::to_json(*state);
}

/// An operator at Root speaks of one of our members.
net::Task<Result<std::string>> HubNodes::operate(std::string params) {
    auto asked = api::order_from_json(params);
    if (!asked) co_return asked.error();
    auto found = co_await desk_.find_node(asked->node_id);
    if (!found) co_return found.error();
    bool const ours = *found && !(*found)->removed_at && (*found)->role == "member" &&
                      (*found)->subnet_id == subnet_id_;
    if (!ours) co_return Error(Problem::node_unknown, "node " + asked->node_id);
    auto node = std::move(**found);
    auto order = std::move(asked->order);
    order.actor = "root: " + order.actor;
    bool const removal = order.command == api::NodeCommand::remove;
    auto const done = co_await office_.carry_out(std::move(node), std::move(order));
    if (!done) co_return done.error();
    std::vector<registry::NodeReport> reports;
    if (!removal) reports.push_back(registry::report_of(*done, office_.axes(*done)));
    co_return registry::to_json(reports);
}

registry::Heartbeat HubNodes::own_heartbeat() const {
    registry::Heartbeat out;
    out.inventory.architecture = identity::machine_architecture();
    out.inventory.agent_version = ADAOS_VERSION;
    auto const state = identity::load_provisioning(dir_);
    if (state) {
        out.provisioning = state->state;
        out.provisioning_cause = state->cause;
    }
    return out;
}

net::Task<void> HubNodes::run() {
    while (!stopping_) {
        co_await beat();
        co_await net::sleep(env_.timers, registry::heartbeat_interval);
    }
}

net::Task<void> HubNodes::beat() {
    auto said = own_heartbeat();
    auto params = registry::to_json(said);
    auto const noted = co_await desk_.heartbeat(node_id_, std::move(said));
    if (!noted) env_.log.warning("own row not kept", {{"cause", noted.error().message()}});
    if (!root_.uplink().connected()) co_return;
    std::string method = "node.heartbeat";
    (void)co_await tell_root(std::move(method), std::move(params));
    co_await report_all();
}

net::Task<void> HubNodes::report_all() {
    std::string after;
    for (;;) {
        auto const limit = static_cast<int>(registry::max_reports);
        auto const page = co_await desk_.nodes_after(subnet_id_, after, limit);
        if (!page || page->empty()) co_return;
        std::vector<registry::NodeReport> reports;
        for (auto const& node : *page)
            if (node.role == "member" && !is_told(node))
                reports.push_back(registry::report_of(node, office_.axes(node)));
        after = page->back().node_id;
        std::string method = "nodes.report";
        auto params = registry::to_json(reports);
        auto const told = co_await tell_root(std::move(method), std::move(params));
        if (told) note_told(reports);
        if (page->size() < registry::max_reports) co_return;
    }
}

net::Task<void> HubNodes::report(std::string node_id) {
    if (!root_.uplink().connected()) co_return;
    auto const node = co_await desk_.find_node(std::move(node_id));
    if (!node || !*node || (*node)->role != "member") co_return;
    std::string method = "nodes.report";
    std::vector<registry::NodeReport> reports;
    reports.push_back(registry::report_of(**node, office_.axes(**node)));
    auto params = registry::to_json(reports);
    auto const told = co_await tell_root(std::move(method), std::move(params));
    if (told) note_told(reports);
}

bool HubNodes::is_told(registry::Node const& node) const {
    auto const told = told_removals_.find(node.node_id);
    return node.removed_at && told != told_removals_.end() && told->second == node.updated_at;
}

void HubNodes::note_told(std::vector<registry::NodeReport> const& reports) {
    for (auto const& report : reports) {
        if (report.removed_at)
            told_removals_[report.node_id] = *report.removed_at;
        else
            told_removals_.erase(report.node_id);
    }
}

net::Task<bool> HubNodes::tell_root(std::string method, std::string params) {
    auto const session = root_.uplink().session();
    if (!session) co_return false;
    auto const told = co_await session->call(std::move(method), std::move(params), call_timeout);
    if (!told) env_.log.debug("Root not told of nodes", {{"cause", told.error().message()}});
    co_return told.has_value();
}

net::Task<void> HubNodes::stop() {
    stopping_ = true;
    co_await tasks_.stop();
}

}  // namespace adaos::hub

#pragma once
/// A hub's nodes: their links for the operator's office, their heartbeats, and the hub's own word
/// on all of them to Root.

#include "api/node_office.hpp"
#include "hub/root_link.hpp"
#include "identity/base_dir.hpp"
#include "identity/node_config.hpp"
#include "link/link_door.hpp"
#include "net/env.hpp"
#include "net/task_group.hpp"

#include <map>
#include <string>
#include <vector>

namespace adaos::hub {

class HubNodes final : public api::NodeReach, public RootListener {
public:
    /// What it refers to outlives it.
    HubNodes(net::Env env, identity::BaseDir dir, identity::NodeConfig const& config,
             api::Desk& desk, link::LinkDoor& members, RootLink& root);

    /// Reports every heartbeat interval until `stop()`.
    void start() { tasks_.spawn(run()); }
    net::Task<void> stop();

    /// A member's call over its link.
    net::Task<Result<std::string>> answer_member(link::Hello const& member, std::string method,
                                                 std::string params);
    [[nodiscard]] api::NodeOffice& office() noexcept { return office_; }

    // NodeReach
    [[nodiscard]] bool is_connected(registry::Node const& node) const override;
    [[nodiscard]] std::vector<api::Blocking> blocking(registry::Node const& node) const override;
    net::Task<Result<identity::ProvisioningState>> provision(
        registry::Node node, identity::ProvisioningCommand command) override;
    void cut_off(registry::Node const& node) override;
    net::Task<std::optional<Result<void>>> pass_on(registry::Node node,
                                                   api::NodeOrder order) override;
    // RootListener
    void linked() override;
    void removed(registry::Node const& node) override;
    net::Task<Result<std::string>> answer(std::string method, std::string params) override;

private:
    net::Task<void> run();
    net::Task<Result<std::string>> take_heartbeat(std::string node_id, std::string params,
                                                  api::NodeOffice::Report how);
    net::Task<Result<std::string>> operate(std::string params);
    net::Task<Result<std::string>> hear(std::string params);
    net::Task<Result<std::string>> provision_self(identity::ProvisioningCommand command);
    net::Task<void> beat();
    net::Task<void> report_all();
    net::Task<void> report(std::string node_id);
    /// A removal that Root has taken is not told again over this link.
    [[nodiscard]] bool is_told(registry::Node const& node) const;
    void note_told(std::vector<registry::NodeReport> const& reports);
    /// True when Root has taken it.
    net::Task<bool> tell_root(std::string method, std::string params);
    [[nodiscard]] registry::Heartbeat own_heartbeat() const;

    bool stopping_ = false;
    net::Env env_;
    identity::BaseDir dir_;
    std::string node_id_, subnet_id_;
    api::Desk& desk_;
    link::LinkDoor& members_;
    RootLink& root_;
    api::NodeOffice office_;
    std::map<std::string, WallTime> told_removals_;  ///< of removed nodes, when they were
    net::TaskGroup tasks_;
};

}  // namespace adaos::hub

#pragma once
/// Root's part in the nodes' office: hubs are its own nodes; a member belongs to its hub, whose
/// word on it Root keeps, and to whom an order for it is passed on.

#include "api/node_office.hpp"
#include "link/downlinks.hpp"
#include "link/hello.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>

namespace adaos::root {

class RootNodes final : public api::NodeReach {
public:
    /// What it refers to outlives it. `let_go` is told of each node that is removed.
    RootNodes(api::Desk& desk, link::Downlinks& hubs,
              std::function<void(registry::Node const&)> let_go)
        : desk_(desk), hubs_(hubs), let_go_(std::move(let_go)), office_(desk, *this) {}

    /// A hub's `node.heartbeat` or `nodes.report`; absent for other calls.
    std::optional<net::Task<Result<std::string>>> answer(link::Hello const& hub,
                                                         std::string const& method,
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

private:
    net::Task<Result<std::string>> take_heartbeat(std::string node_id, std::string params);
    net::Task<Result<std::string>> take_report(std::string subnet_id, std::string params);
    net::Task<Result<void>> mirror(std::string subnet_id,
                                   std::vector<registry::NodeReport> reports);
    /// With a row in our trail before (`ordered`) and after (`answered`): what is asked of us and
    /// what became of it can be told without the hub's trail.
    net::Task<Result<void>> order_at_hub(registry::Node node, api::NodeOrder order);
    net::Task<Result<void>> tell_hub(registry::Node node, api::NodeOrder order);

    api::Desk& desk_;
    link::Downlinks& hubs_;
    std::function<void(registry::Node const&)> let_go_;
    api::NodeOffice office_;
    /// Members that are linked, as each hub last said. It counts while the hub itself is linked.
    std::map<std::string, std::set<std::string>> linked_members_;
};

}  // namespace adaos::root

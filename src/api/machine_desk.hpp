#pragma once
/// What the doors for machines (hosts_door.hpp, bootstrap_door.hpp) stand on at Root or a hub, and
/// the few answers they share.

#include "api/artifacts.hpp"
#include "api/caller.hpp"
#include "api/grant_book.hpp"
#include "api/host_settings.hpp"
#include "api/tunnel_peers.hpp"
#include "enrol/doors.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace adaos::api {

struct MachineDesk {
    Desk& desk;
    GrantBook& book;
    std::string subnet_id;  ///< a hub's own; empty at Root: the order says which
    WhoCalls who;
    enrol::Sign sign;
    std::function<registry::Axes(registry::Node const&)> axes;
    /// After a success, before the answer.
    std::function<void(registry::Node const&)> admitted;
    std::function<std::string()> anchors_pem;  ///< whom an admitted machine trusts
    /// CA of what the address shows over https; empty: public trust.
    std::function<std::string()> tls_ca_pem;
    std::function<std::string()> url;
    HostSettings settings;
    std::shared_ptr<TunnelPeers> tunnel;
    Log log;
    std::shared_ptr<Artifacts> artifacts = std::make_shared<Artifacts>();
};

/// The outcome in the words of that door.
net::Task<void> answer_at_door(net::Exchange& exchange, enrol::Door door, Error outcome);

/// The subnet an order is for: the hub's own, or what a body at Root names. Errors: invalid_field,
/// forbidden.
[[nodiscard]] Result<std::string> subnet_of_order(std::string const& own, std::string const& named);

}  // namespace adaos::api

#pragma once
/// All doors for machines that come by invite or bootstrap token, as Root and a hub mount them.

#include "api/bootstrap_door.hpp"
#include "api/hosts_door.hpp"
#include "api/machine_desk.hpp"
#include "api/router.hpp"
#include "net/task_group.hpp"

namespace adaos::api {

class MachineDoors {
public:
    MachineDoors(MachineDesk desk, net::Timers& timers, boost::asio::any_io_executor loop)
        : desk_(std::move(desk)), timers_(timers), tasks_(std::move(loop), desk_.log) {}
    MachineDoors(MachineDoors const&) = delete;
    void add_routes(Router& router) {
        hosts_.add_routes(router);
        bootstrap_.add_routes(router);
    }

    /// For hosts that come by another door, which knows no keys of the overlay.
    [[nodiscard]] enrol::AlongRedeem settle_host() const { return settle_overlay(desk_, ""); }

    /// From now on the tunnel is kept up to date, until `stop`.
    void start() { tasks_.spawn(hosts_.keep_tunnel(timers_)); }
    net::Task<void> stop() { return tasks_.stop(); }

private:
    MachineDesk desk_;
    net::Timers& timers_;
    HostsDoor hosts_{desk_};
    BootstrapDoor bootstrap_{desk_};
    net::TaskGroup tasks_;  // last: its tasks use what stands above
};

}  // namespace adaos::api

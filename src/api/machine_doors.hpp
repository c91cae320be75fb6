#pragma once
/// All doors for machines that come by invite or bootstrap token, as Root and a hub mount them.

#include "api/bootstrap_door.hpp"
#include "api/hosts_door.hpp"
#include "api/machine_desk.hpp"
#include "api/router.hpp"

namespace adaos::api {

class MachineDoors {
public:
    explicit MachineDoors(MachineDesk desk) : desk_(std::move(desk)) {}
    MachineDoors(MachineDoors const&) = delete;
    void add_routes(Router& router) {
        hosts_.add_routes(router);
        bootstrap_.add_routes(router);
    }

private:
    MachineDesk desk_;
    HostsDoor hosts_{desk_};
    BootstrapDoor bootstrap_{desk_};
};

}  // namespace adaos::api

#include "base/json.hpp"
#include "link/uplink_json.hpp"
#include "member/member.hpp"

namespace adaos::member {

std::string status_json(MemberStatus const& status) {
    Json json;
    json["schema"] = "adaos.node-status/v1";
    json["node_id"] = status.node_id;
    json["subnet_id"] = status.subnet_id;
    json["role"] = "member";
    json["node_name"] = status.name;
    json["hub_url"] = status.hub_url;
    json["provisioning"] = identity::provisioning_name(status.provisioning.state);
    json["ready"] = status.connected && !status.draining;
    json["route_mode"] = status.connected ? "ws" : "none";
    json["connected_to_subnet"] = status.connected;
    json["connected_to_hub"] = status.connected;
    Json cause;
    if (status.draining)
        cause = "the node is stopping";
    else if (!status.connected)
        cause = "no link to the hub: " + (status.uplink.last_error.empty()
                                              ? std::string(link::phase_name(status.uplink.phase))
                                              : status.uplink.last_error);
    json["cause"] = cause;
    json["link"] = link::to_json(status.uplink);
    return dump(json) + "\n";
}

}  // namespace adaos::member

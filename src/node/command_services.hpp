#pragma once
/// `adaos service add|list|remove`: what this node offers by name. They work on its base directory,
/// whether it runs or not; a running node takes changes up within a second.

#include "node/command.hpp"
#include "service/service.hpp"

#include <optional>
#include <string>
#include <vector>

namespace adaos::node {

struct ServiceAddOptions {
    std::string name, target;
    bool open = false;
    std::optional<std::string> scope;
    bool proxy_protocol = false;
};
[[nodiscard]] int command_service_add(Context& context, ServiceAddOptions const& options);
[[nodiscard]] int command_service_list(Context& context);
[[nodiscard]] int command_service_remove(Context& context, std::string const& name);

/// A service and where it is reached; `url` is empty for a TCP service.
struct Offered {
    service::Service service;
    std::string url;      ///< through Root, else through the hub, else at this node
    std::string command;  ///< what reaches a TCP service: "adaos connect garage-pi ssh"
};
// service_text_json.cpp
[[nodiscard]] std::string services_table(std::vector<Offered> const& offered);
[[nodiscard]] std::string services_json(std::vector<Offered> const& offered);
[[nodiscard]] std::string service_json(Offered const& offered);

}  // namespace adaos::node

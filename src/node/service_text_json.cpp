#include "base/json.hpp"
#include "node/command_services.hpp"
#include "node/table.hpp"

namespace adaos::node {
namespace {

std::string access_of(service::Service const& one) {
    if (one.open) return "public";
    return one.scope ? std::string(enrol::scope_name(*one.scope)) : "by method";
}

Json to_json(Offered const& offered) {
    auto const& one = offered.service;
    Json json;
    json["name"] = one.name;
    json["target"] = one.target;
    json["public"] = one.open;
    json["scope"] = one.scope ? Json(enrol::scope_name(*one.scope)) : Json();
    json["proxy_protocol"] = one.proxy_protocol;
    if (!offered.url.empty()) json["url"] = offered.url;
    if (!offered.command.empty()) json["command"] = offered.command;
    return json;
}

}  // namespace

std::string services_table(std::vector<Offered> const& offered) {
    if (offered.empty()) return "no services; adaos service add makes one\n";
    Table table;
    table.add({"NAME", "TARGET", "ACCESS", "REACHED"});
    for (auto const& one : offered)
        table.add({one.service.name, one.service.target, access_of(one.service),
                   one.url.empty() ? one.command : one.url});
    return table.text();
}

std::string services_json(std::vector<Offered> const& offered) {
    Json list = Json::array();
    for (auto const& one : offered) list.push_back(to_json(one));
    Json json;
    json["schema"] = "adaos.services.list.v1";
    json["services"] = std::move(list);
    return dump_pretty(json) + "\n";
}

std::string service_json(Offered const& offered) {
    auto json = to_json(offered);
    json["schema"] = "adaos.service.v1";
    return dump_pretty(json) + "\n";
}

}  // namespace adaos::node

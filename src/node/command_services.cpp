#include "node/command_services.hpp"

#include "base/problem.hpp"
#include "identity/machine.hpp"
#include "identity/node_config.hpp"
#include "node/local_node.hpp"
#include "registry/nodes.hpp"
#include "service/book.hpp"

#include <ostream>

namespace adaos::node {
namespace {

using service::Service;

Result<service::Service> wanted(ServiceAddOptions const& options) {
    Service out;
    out.name = options.name;
    out.target = options.target;
    out.open = options.open;
    out.proxy_protocol = options.proxy_protocol;
    if (options.scope) {
        out.scope = enrol::parse_scope(*options.scope);
        if (!out.scope)
            return Error(Problem::invalid_option,
                         "--scope: view, developer, operate or admin is wanted");
    }
    auto const fine = service::check(out);
    if (!fine) return fine.error();
    return out;
}

/// Where this node is seen: what its services' paths stand behind.
struct Seen {
    std::string base;               ///< URL without a slash at its end; empty: it has none yet
    std::string node_name = "hub";  ///< for `adaos connect`; a fresh node is a hub
};

std::string name_of(identity::NodeConfig const& config) {
    if (!config.node_names.empty()) return config.node_names.front();
    return config.node_id;
}

Result<Seen> seen_at(Context& context, identity::BaseDir const& dir) {
    auto const config = identity::peek_config(dir);
    if (!config) return config.error();
    Seen seen;
    if (*config) {
        auto const& c = **config;
        if (c.role == identity::Role::member) {
            seen.node_name = name_of(c);
            seen.base = c.hub_url + "/nodes/" + seen.node_name;
        } else if (!c.root_base_url.empty()) {
            seen.base = c.root_base_url + "/hubs/" + c.subnet_id;
        }
    }
    if (!seen.base.empty()) return seen;
    auto const node = find_local_node(context, dir, std::nullopt);
    if (node) seen.base = node->url.origin();
    return seen;
}

Offered offer(Seen const& seen, Service one) {
    Offered out{std::move(one), "", ""};
    auto const target = service::parse_target(out.service.target);
    if (target && target->speaks == service::Target::Speaks::tcp)
        out.command = "adaos connect " + seen.node_name + " " + out.service.name;
    else if (!seen.base.empty())
        out.url = seen.base + "/svc/" + out.service.name + "/";
    return out;
}

std::string added_text(Offered const& offered, service::Added how) {
    auto const& one = offered.service;
    std::string text = one.name + " -> " + one.target +
                       (how == service::Added::anew ? "" : " (was there already)") + "\n";
    if (!offered.command.empty()) text += "  reached by  " + offered.command + "\n";
    if (!offered.url.empty()) text += "  reached at  " + offered.url + "\n";
    if (one.open) text += "  public: nobody is asked for a token\n";
    return text;
}

}  // namespace

int command_service_add(Context& context, ServiceAddOptions const& options) {
    auto const one = wanted(options);
    if (!one) return fail(context, one.error());
    auto const dir = context.open_base_dir();
    if (!dir) return fail(context, dir.error());
    auto const seen = seen_at(context, *dir);
    if (!seen) return fail(context, seen.error());
    auto const added = service::add(*dir, *one);
    if (!added) return fail(context, added.error());
    auto const offered = offer(*seen, *one);
    return print(context, context.json ? service_json(offered) : added_text(offered, *added));
}

int command_service_list(Context& context) {
    auto const dir = context.find_base_dir();
    if (!dir) return fail(context, dir.error());
    auto const seen = seen_at(context, *dir);
    if (!seen) return fail(context, seen.error());
    auto const services = service::load(*dir);
    if (!services) return fail(context, services.error());
    std::vector<Offered> offered;
    for (auto const& one : *services) offered.push_back(offer(*seen, one));
    return print(context, context.json ? services_json(offered) : services_table(offered));
}

int command_service_remove(Context& context, std::string const& name) {
    auto const dir = context.find_base_dir();
    if (!dir) return fail(context, dir.error());
    auto const removed = service::remove(*dir, name);
    if (!removed) return fail(context, removed.error());
    return print(context, context.json ? "{\"schema\":\"adaos.service.removed.v1\",\"name\":\"" +
                                             name + "\"}\n"
                                       : name + ": removed\n");
}

}  // namespace adaos::node

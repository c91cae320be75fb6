#include "node/host_commands.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"

#include <algorithm>
#include <ostream>

namespace adaos::node {
namespace {

constexpr char const* invites_path = "/api/v1/admin/host-invites";

bool as_json(Context const& context, std::string const& output) {
    return context.json || output == "json";
}

Result<std::string> listed(Context& context, HostListOptions const& options, std::string path) {
    if (options.limit < 1 || options.limit > 200)
        return Error(Problem::invalid_option, "--limit: 1 to 200 are allowed");
    path += "?limit=" + std::to_string(options.limit);
    if (options.cursor) {
        if (!is_node_id(*options.cursor))
            return Error(Problem::invalid_option, "--cursor: " + *options.cursor);
        path += "&cursor=" + *options.cursor;
    }
    if (options.include_expired) path += "&include_expired=true";
    return ask_hub(context, options.target, "GET", std::move(path), "");
}

Result<std::string> id_of_node(Context& context, BootstrapScriptOptions const& options) {
    if (is_node_id(options.node)) return options.node;
    if (!is_node_name(options.node))
        return Error(Problem::invalid_option, "this is no node name: " + options.node);
    auto const path = for_subnet("/v1/nodes/" + options.node, options.target);
    if (!path) return path.error();
    auto const node = ask_hub(context, options.target, "GET", *path, "");
    if (!node) return node.error();
    return node_id_in(*node);
}

}  // namespace

int command_host_invite_create(Context& context, HostInviteOptions const& options) {
    if (options.ttl_hours < 1)
        return fail(context, Error(Problem::invalid_option, "--ttl-hours: 1 or more"));
    auto const body =
        ask_hub(context, options.target, "POST", invites_path, host_invite_order(options));
    if (!body || as_json(context, options.output)) return print(context, body);
    return print(context, host_invite_text(*body));
}

int command_host_invite_list(Context& context, HostListOptions const& options) {
    auto const body = listed(context, options, invites_path);
    if (!body || as_json(context, options.output)) return print(context, body);
    return print(context, host_invites_table(*body, context.clock.wall()));
}

int command_host_invite_revoke(Context& context, HostInviteId const& options) {
    if (!is_node_id(options.id))
        return fail(context,
                    Error(Problem::invalid_option, "this is no invite's id: " + options.id));
    auto const path = std::string(invites_path) + "/" + options.id;
    auto const done = ask_hub(context, options.target, "DELETE", path, "");
    if (!done) return fail(context, done.error());
    if (as_json(context, options.output))
        context.out << R"({"schema":"adaos.host-invite-revoked/v1","ok":true,"id":")" << options.id
                    << "\"}\n"
                    << std::flush;
    else
        context.out << options.id << ": revoked; nobody can use it any more\n" << std::flush;
    return 0;
}

int command_host_list(Context& context, HostListOptions const& options) {
    auto const body = listed(context, options, "/api/v1/admin/hosts");
    if (!body || as_json(context, options.output)) return print(context, body);
    return print(context, hosts_table(*body));
}

int command_node_bootstrap_script(Context& context, BootstrapScriptOptions const& options) {
    auto const id = id_of_node(context, options);
    if (!id) return fail(context, id.error());
    auto const* const mode = options.mode == "cloud-init" ? "cloud_init" : "manual";
    auto const path = "/api/v1/admin/nodes/" + *id + "/bootstrap-script?mode=" + mode;
    auto const body = ask_hub(context, options.target, "POST", path, "{}");
    if (!body || as_json(context, options.format)) return print(context, body);
    return print(context, bootstrap_text(*body, options.mode));
}

}  // namespace adaos::node

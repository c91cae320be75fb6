#include "node/command_nodes.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"

#include <algorithm>
#include <ostream>

namespace adaos::node {
namespace {

constexpr int most_listed = 200;

/// What goes into a path or a query as it is. Node names are such words, and everything a list may
/// be filtered by.
Result<std::string> plain(std::string_view option, std::string const& value) {
    bool const ok = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    if (!ok) return Error(Problem::invalid_option, std::string(option) + ": " + value);
    return value;
}

Result<std::string> list_path(NodeListOptions const& options) {
    if (options.limit < 1 || options.limit > most_listed)
        return Error(Problem::invalid_option, "--limit: 1 to 200 are allowed");
    auto path = "/v1/nodes?limit=" + std::to_string(options.limit);
    auto const add = [&path](char const* key, std::optional<std::string> const& value) {
        if (!value) return Result<void>();
        auto const word = plain(std::string("--") + key, *value);
        if (!word) return Result<void>(word.error());
        path += "&" + std::string(key) + "=" + *word;
        return Result<void>();
    };
    if (auto ok = add("architecture", options.architecture); !ok) return ok.error();
    if (auto ok = add("status", options.status); !ok) return ok.error();
    if (auto ok = add("cursor", options.cursor); !ok) return ok.error();
    return for_subnet(std::move(path), options.target);
}

/// `below`: the verb, with its slash.
Result<std::string> node_path(std::string const& name, std::string const& below,
                              SubnetTarget const& target) {
    if (!is_node_name(name)) return Error(Problem::invalid_option, "this is no node name");
    return for_subnet("/v1/nodes/" + name + below, target);
}

/// The name of the node to delete: the given one, or that of the node with this id.
Result<std::string> name_of(Context& context, NodeDeleteOptions const& options) {
    auto const& who = options.who;
    if (!is_node_id(who)) return who;
    auto const body = ask_hub(context, options.target, "GET", "/api/v1/admin/nodes/" + who, "");
    if (!body) return body.error();
    return name_of_node(*body);
}

ShowIds ids_of(bool shown) {
    return shown ? ShowIds::yes : ShowIds::no;
}

}  // namespace

int command_node_list(Context& context, NodeListOptions const& options) {
    auto const path = list_path(options);
    if (!path) return fail(context, path.error());
    auto const body = ask_hub(context, options.target, "GET", *path, "");
    if (!body) return fail(context, body.error());
    auto const table = nodes_table(*body, ids_of(options.show_ids), context.clock.wall());
    if (!table || !(context.json || options.output == "json")) return print(context, table);
    return print(context, body);
}

int command_node_get(Context& context, NodeGetOptions const& options) {
    auto const path = node_path(options.name, "", options.target);
    if (!path) return fail(context, path.error());
    auto const body = ask_hub(context, options.target, "GET", *path, "");
    if (!body) return fail(context, body.error());
    auto const text = node_text(*body, ids_of(options.show_ids), context.clock.wall());
    if (!text || !(context.json || options.output == "json")) return print(context, text);
    return print(context, body);
}

int command_node_delete(Context& context, NodeDeleteOptions const& options) {
    auto const name = name_of(context, options);
    if (!name) return fail(context, name.error());
    auto path = node_path(*name, "", options.target);
    if (!path) return fail(context, path.error());
    if (options.force) *path = with_query(*path, "force=true");
    auto const done = ask_hub(context, options.target, "DELETE", *path, "");
    if (!done) return fail(context, done.error());
    context.out << (context.json ? deleted_json(*name)
                                 : *name + ": deleted; its name is free again\n")
                << std::flush;
    return 0;
}

int command_node_operate(Context& context, api::NodeCommand command,
                         NodeOperateOptions const& options) {
    auto const verb = "/" + std::string(api::command_name(command));
    auto const path = node_path(options.name, verb, options.target);
    if (!path) return fail(context, path.error());
    auto const body = ask_hub(context, options.target, "POST", *path, "");
    if (!body) return fail(context, body.error());
    auto const line = node_line(*body);
    if (!line || !context.json) return print(context, line);
    return print(context, body);
}

}  // namespace adaos::node

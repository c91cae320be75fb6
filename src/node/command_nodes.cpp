#include "node/command_nodes.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"
#include "node/local_node.hpp"

#include <algorithm>
#include <ostream>

namespace adaos::node {
namespace {

/// Longer than a hub waits for a member that is told to pause.
constexpr std::chrono::seconds ask_limit{15};
constexpr int most_listed = 200;

Result<std::string> ask_hub(Context& context, std::string method, std::string path) {
    auto const dir = context.find_base_dir();
    if (!dir) return dir.error();
    if (auto hub = require_hub(*dir); hub.has_error()) return hub.error();
    auto const node = find_local_node(context, *dir, std::nullopt);
    if (!node) return node.error();
    return ask_node(*node, std::move(method), std::move(path), "", ask_limit);
}

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
    return path;
}

Result<std::string> node_path(std::string const& name) {
    if (!is_node_name(name)) return Error(Problem::invalid_option, "this is no node name");
    return "/v1/nodes/" + name;
}

/// The name of the node to delete: the given one, or that of the node with this id.
Result<std::string> name_of(Context& context, std::string const& who) {
    if (!is_node_id(who)) return who;
    auto const body = ask_hub(context, "GET", "/api/v1/admin/nodes/" + who);
    if (!body) return body.error();
    return name_of_node(*body);
}

ShowIds ids_of(bool shown) {
    return shown ? ShowIds::yes : ShowIds::no;
}

/// Prints `text` of what was asked, or fails.
int print(Context& context, Result<std::string> const& text) {
    if (!text) return fail(context, text.error());
    context.out << *text << std::flush;
    return 0;
}

}  // namespace

int command_node_list(Context& context, NodeListOptions const& options) {
    auto const path = list_path(options);
    if (!path) return fail(context, path.error());
    auto const body = ask_hub(context, "GET", *path);
    if (!body) return fail(context, body.error());
    auto const table = nodes_table(*body, ids_of(options.show_ids), context.clock.wall());
    if (!table || !(context.json || options.output == "json")) return print(context, table);
    return print(context, body);
}

int command_node_get(Context& context, NodeGetOptions const& options) {
    auto const path = node_path(options.name);
    if (!path) return fail(context, path.error());
    auto const body = ask_hub(context, "GET", *path);
    if (!body) return fail(context, body.error());
    auto const text = node_text(*body, ids_of(options.show_ids), context.clock.wall());
    if (!text || !(context.json || options.output == "json")) return print(context, text);
    return print(context, body);
}

int command_node_delete(Context& context, NodeDeleteOptions const& options) {
    auto const name = name_of(context, options.who);
    if (!name) return fail(context, name.error());
    auto path = node_path(*name);
    if (!path) return fail(context, path.error());
    if (options.force) *path += "?force=true";
    auto const done = ask_hub(context, "DELETE", *path);
    if (!done) return fail(context, done.error());
    context.out << (context.json ? deleted_json(*name)
                                 : *name + ": deleted; its name is free again\n")
                << std::flush;
    return 0;
}

int command_node_operate(Context& context, api::NodeCommand command, std::string const& name) {
    auto const path = node_path(name);
    if (!path) return fail(context, path.error());
    auto const verb = "/" + std::string(api::command_name(command));
    auto const body = ask_hub(context, "POST", *path + verb);
    if (!body) return fail(context, body.error());
    auto const line = node_line(*body);
    if (!line || !context.json) return print(context, line);
    return print(context, body);
}

}  // namespace adaos::node

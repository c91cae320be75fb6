#include "node/cli_nodes.hpp"

#include "node/cli_grants.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace adaos::node {

void NodesCli::add(CLI::App* node, AddVerb const& verb) {
    using api::NodeCommand;
    add_list(node, verb);
    add_get(node, verb);
    add_operation(node, verb, NodeCommand::cordon, "put no new work on a node",
                  "  adaos node cordon garage-pi");
    add_operation(node, verb, NodeCommand::uncordon, "let work come to a node again",
                  "  adaos node uncordon garage-pi");
    add_operation(node, verb, NodeCommand::drain,
                  "cordon a node and see the work on it come to its end",
                  "  adaos node drain garage-pi");
    add_operation(node, verb, NodeCommand::pause, "have the node itself take no new work",
                  "  adaos node pause garage-pi");
    add_operation(node, verb, NodeCommand::resume, "end a pause", "  adaos node resume garage-pi");
    add_delete(node, verb);
}

void NodesCli::add_list(CLI::App* node, AddVerb const& verb) {
    auto* const list = verb(node, "list", "the nodes of this subnet and how they are",
                            "  adaos node list\n  adaos node list --status unreachable --show-ids",
                            [this] { return command_node_list(context_, list_); });
    list->add_option("--architecture", list_.architecture, "amd64 or arm64");
    list->add_option("--status", list_.status,
                     "ready, pending, unreachable, cordoned, draining or retired");
    list->add_option("--limit", list_.limit, "how many at most, 1 to 200")->capture_default_str();
    list->add_option("--cursor", list_.cursor, "where the page before ended");
    list->add_flag("--show-ids", list_.show_ids, "with the node ids");
    list->add_option("--output", list_.output, "table or json")
        ->check(CLI::IsMember({"table", "json"}));
    add_subnet_target(list, list_.target);
}

void NodesCli::add_get(CLI::App* node, AddVerb const& verb) {
    auto* const get = verb(node, "get", "all about one node",
                           "  adaos node get garage-pi\n  adaos node get garage-pi --output json",
                           [this] { return command_node_get(context_, get_); });
    get->add_option("name", get_.name, "the node's name")->required();
    get->add_flag("--show-ids", get_.show_ids, "with the node id");
    get->add_option("--output", get_.output, "text or json")
        ->check(CLI::IsMember({"text", "json"}));
    add_subnet_target(get, get_.target);
}

void NodesCli::add_delete(CLI::App* node, AddVerb const& verb) {
    auto* const app = verb(node, "delete", "take a node out of the subnet",
                           "  adaos node delete garage-pi\n  adaos node delete garage-pi --force",
                           [this] { return command_node_delete(context_, delete_); });
    app->add_option("node", delete_.who, "the node's name or id")->required();
    app->add_flag("--force", delete_.force, "even with work under way on it");
    add_subnet_target(app, delete_.target);
}

void NodesCli::add_operation(CLI::App* node, AddVerb const& verb, api::NodeCommand command,
                             char const* what, char const* examples) {
    // Literals: the command's name ends with a NUL.
    auto* const app =
        verb(node, api::command_name(command).data(), what, examples,
             [this, command] { return command_node_operate(context_, command, operated_); });
    app->add_option("name", operated_.name, "the node's name")->required();
    add_subnet_target(app, operated_.target);
}

}  // namespace adaos::node

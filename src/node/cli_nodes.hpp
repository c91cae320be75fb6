#pragma once
/// The words of the commands for nodes of a subnet; cli.cpp has the rest of `node`.

#include "node/add_verb.hpp"
#include "node/command_nodes.hpp"

namespace adaos::node {

class NodesCli {
public:
    explicit NodesCli(Context& context) : context_(context) {}
    /// Lives as long as `node` may be parsed.
    void add(CLI::App* node, AddVerb const& verb);

private:
    void add_list(CLI::App* node, AddVerb const& verb);
    void add_get(CLI::App* node, AddVerb const& verb);
    void add_delete(CLI::App* node, AddVerb const& verb);
    void add_operation(CLI::App* node, AddVerb const& verb, api::NodeCommand command,
                       char const* what, char const* examples);

    Context& context_;
    NodeListOptions list_;
    NodeGetOptions get_;
    NodeDeleteOptions delete_;
    NodeOperateOptions operated_;
};

}  // namespace adaos::node

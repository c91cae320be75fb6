#pragma once
/// `adaos agent`: the words of agent_options.hpp.

#include "node/add_verb.hpp"
#include "node/agent_options.hpp"

namespace adaos::node {

class AgentCli {
public:
    explicit AgentCli(Context& context) : context_(context) {}
    /// Without a verb below it, `agent` is `agent serve`.
    void add(CLI::App* app, AddVerb const& verb);

private:
    void add_bootstrap_options(CLI::App* app);
    Context& context_;
    CLI::App* bootstrap_app_ = nullptr;
    AgentBootstrapOptions bootstrap_;
    AgentServeOptions serve_;
};

}  // namespace adaos::node

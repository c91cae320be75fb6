#pragma once
/// The words of the commands about hosts and new nodes; cli.cpp has the rest.

#include "node/add_verb.hpp"
#include "node/host_commands.hpp"

namespace adaos::node {

class HostsCli {
public:
    explicit HostsCli(Context& context) : context_(context) {}
    /// `host invite create|list|revoke`; `invite` is the noun below `host`.
    void add_invites(CLI::App* invite, AddVerb const& verb);
    /// `host list`.
    void add_hosts(CLI::App* host, AddVerb const& verb);
    /// `node bootstrap-script`.
    void add_script(CLI::App* node, AddVerb const& verb);

private:
    Context& context_;
    HostInviteOptions invite_;
    HostListOptions list_;
    HostInviteId one_;
    BootstrapScriptOptions script_;
};

}  // namespace adaos::node

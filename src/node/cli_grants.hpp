#pragma once
/// The words of the commands about grants; cli.cpp has the rest.

#include "node/add_verb.hpp"
#include "node/grant_commands.hpp"

namespace adaos::node {

/// --server and what goes with it.
void add_server(CLI::App* app, ServerTarget& target);
/// And which subnet there.
void add_subnet_target(CLI::App* app, SubnetTarget& target);
/// And which of a hub's books.
void add_target(CLI::App* app, GrantTarget& target);

class GrantsCli {
public:
    explicit GrantsCli(Context& context) : context_(context) {}
    /// `enrol list|show|revoke`.
    void add_enrol(CLI::App* enrol, AddVerb const& verb);
    /// `hub join-code list|revoke`.
    void add_codes(CLI::App* codes, AddVerb const& verb);
    /// `node join-token create|list|revoke|consumptions`.
    void add_tokens(CLI::App* tokens, AddVerb const& verb);

private:
    void add_list_options(CLI::App* app, GrantListOptions& options);
    CLI::App* add_one(CLI::App* noun, AddVerb const& verb, char const* word, char const* what,
                      char const* examples, int (*action)(Context&, GrantOptions const&),
                      char const* kind = nullptr);

    Context& context_;
    GrantListOptions list_;
    GrantOptions one_;
    JoinTokenOptions token_;
};

}  // namespace adaos::node

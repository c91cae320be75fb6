#include "node/cli_grants.hpp"

#include "cli/secret_option.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace adaos::node {
namespace {

void add_output(CLI::App* app, std::string& output, char const* usual) {
    app->add_option("--output", output, std::string(usual) + " or json")
        ->check(CLI::IsMember({usual, "json"}));
}

}  // namespace

void add_server(CLI::App* app, ServerTarget& target) {
    app->add_option("--server", target.server,
                    "another hub or a Root, https://name; absent: this machine's hub");
    cli::add_secret_option(app, target.token);
    app->add_option("--ca-fingerprint", target.ca_fingerprint,
                    "pin of the server's CA: sha256:<64 hex>");
}

void add_subnet_target(CLI::App* app, SubnetTarget& target) {
    add_server(app, target);
    app->add_option("--subnet", target.subnet, "at a Root: the subnet that is meant");
}

void add_target(CLI::App* app, GrantTarget& target) {
    add_subnet_target(app, target);
    app->add_flag("--local", target.local, "this hub's own alone, not those it has at Root");
}

void GrantsCli::add_list_options(CLI::App* app, GrantListOptions& options) {
    app->add_flag("--include-expired", options.include_expired, "expired and revoked ones, too");
    app->add_option("--limit", options.limit, "how many at most, 1 to 200")->capture_default_str();
    app->add_option("--cursor", options.cursor, "where the page before ended");
    add_output(app, options.output, "table");
    add_target(app, options.target);
}

CLI::App* GrantsCli::add_one(CLI::App* noun, AddVerb const& verb, char const* word,
                             char const* what, char const* examples,
                             int (*action)(Context&, GrantOptions const&), char const* kind) {
    auto* const app = verb(noun, word, what, examples, [this, action, kind] {
        if (kind != nullptr) one_.kind = kind;
        return action(context_, one_);
    });
    app->add_option("id", one_.id, "the grant's id, from the list")->required();
    add_output(app, one_.output, "table");
    add_target(app, one_.target);
    return app;
}

void GrantsCli::add_enrol(CLI::App* enrol, AddVerb const& verb) {
    auto* const list = verb(enrol, "list", "every code, token and invite whose time is not over",
                            "  adaos enrol list\n  adaos enrol list --kind node --include-expired",
                            [this] { return command_grants_list(context_, list_); });
    list->add_option("--kind", list_.kind, "member, node, host, bootstrap or hub");
    list->add_option("--state", list_.state, "live, exhausted, expired, revoked or superseded");
    add_list_options(list, list_);
    add_one(enrol, verb, "show", "all about one", "  adaos enrol show GRANT-ID",
            command_grant_show);
    add_one(enrol, verb, "revoke", "end one at once", "  adaos enrol revoke GRANT-ID",
            command_grant_revoke);
}

void GrantsCli::add_codes(CLI::App* codes, AddVerb const& verb) {
    auto* const list = verb(codes, "list", "the join codes whose time is not over",
                            "  adaos hub join-code list", [this] {
                                list_.kind = "member";
                                return command_grants_list(context_, list_);
                            });
    add_list_options(list, list_);
    add_one(codes, verb, "revoke", "end a join code at once",
            "  adaos hub join-code revoke GRANT-ID", command_grant_revoke, "member");
}

void GrantsCli::add_tokens(CLI::App* tokens, AddVerb const& verb) {
    auto* const create = verb(tokens, "create", "make a join token; it is shown once",
                              "  adaos node join-token create --node-name node-1 --ttl 10m\n"
                              "  adaos node join-token create --max-uses 20 --ttl 24h",
                              [this] { return command_join_token_create(context_, token_); });
    create->add_option("--ttl", token_.ttl, "how long it is valid, 1m to 24h")
        ->capture_default_str();
    create->add_option("--max-uses", token_.max_uses, "how many nodes it admits; 0: no limit")
        ->capture_default_str();
    create->add_option("--node-name", token_.node_name, "only for this name, and once");
    create->add_option("--note", token_.note, "what it is for");
    create->add_flag("--strict", token_.strict, "refuse a --ttl outside the limits");
    add_output(create, token_.output, "text");
    add_target(create, token_.target);
    auto* const list = verb(tokens, "list", "the join tokens whose time is not over",
                            "  adaos node join-token list\n"
                            "  adaos node join-token list --include-expired --output json",
                            [this] {
                                list_.kind = "node";
                                return command_join_token_list(context_, list_);
                            });
    add_list_options(list, list_);
    add_one(tokens, verb, "revoke", "end a join token at once",
            "  adaos node join-token revoke GRANT-ID", command_grant_revoke, "node");
    auto* const uses = add_one(tokens, verb, "consumptions", "who used a join token, and when",
                               "  adaos node join-token consumptions GRANT-ID",
                               command_join_token_consumptions, "node");
    uses->add_option("--limit", one_.limit, "how many at most, 1 to 200")->capture_default_str();
    uses->add_option("--cursor", one_.cursor, "where the page before ended");
}

}  // namespace adaos::node

#include "node/cli_hosts.hpp"

#include "node/cli_grants.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace adaos::node {
namespace {

void add_form(CLI::App* app, char const* option, std::string& value,
              std::vector<std::string> const& words) {
    app->add_option(option, value, words.front() + " or " + words.back())
        ->check(CLI::IsMember(words));
}

}  // namespace

void HostsCli::add_invites(CLI::App* invite, AddVerb const& verb) {
    auto* const create =
        verb(invite, "create", "make an invite for one machine; it is shown once",
             "  adaos host invite create --ttl-hours 24 --note \"Ada's garage\" --wg-ip auto\n"
             "  adaos host invite create --payout-pubkey KEY --wg-ip 10.77.0.42",
             [this] { return command_host_invite_create(context_, invite_); });
    create->add_option("--ttl-hours", invite_.ttl_hours, "how long it is valid, 1 to 168")
        ->capture_default_str();
    create->add_option("--note", invite_.note, "whose machine it is for");
    create->add_option("--payout-pubkey", invite_.payout_pubkey,
                       "only for who registers with this payout key");
    create->add_option("--wg-ip", invite_.wg_ip,
                       "address in the overlay: auto, or one of its addresses");
    add_form(create, "--output", invite_.output, {"text", "json"});
    add_subnet_target(create, invite_.target);
    auto* const list = verb(invite, "list", "the invites whose time is not over",
                            "  adaos host invite list\n  adaos host invite list --include-expired",
                            [this] { return command_host_invite_list(context_, list_); });
    list->add_flag("--include-expired", list_.include_expired, "expired and revoked ones, too");
    list->add_option("--limit", list_.limit, "how many at most, 1 to 200")->capture_default_str();
    list->add_option("--cursor", list_.cursor, "where the page before ended");
    add_form(list, "--output", list_.output, {"table", "json"});
    add_subnet_target(list, list_.target);
    auto* const revoke =
        verb(invite, "revoke", "end an invite at once", "  adaos host invite revoke INVITE-ID",
             [this] { return command_host_invite_revoke(context_, one_); });
    revoke->add_option("id", one_.id, "the invite's id, from the list")->required();
    add_subnet_target(revoke, one_.target);
}

void HostsCli::add_hosts(CLI::App* host, AddVerb const& verb) {
    auto* const list = verb(host, "list", "the machines that came by invite, and how they are",
                            "  adaos host list\n  adaos host list --output json",
                            [this] { return command_host_list(context_, list_); });
    list->add_option("--limit", list_.limit, "how many at most, 1 to 200")->capture_default_str();
    list->add_option("--cursor", list_.cursor, "where the page before ended");
    add_form(list, "--output", list_.output, {"table", "json"});
    add_subnet_target(list, list_.target);
}

void HostsCli::add_script(CLI::App* node, AddVerb const& verb) {
    auto* const script = verb(node, "bootstrap-script",
                              "the script that makes a machine this node; ends the one before",
                              "  adaos node bootstrap-script rack-7 >rack-7.sh\n"
                              "  adaos node bootstrap-script rack-7 --mode cloud-init >user-data",
                              [this] { return command_node_bootstrap_script(context_, script_); });
    script->add_option("node", script_.node, "the node's name or id")->required();
    add_form(script, "--mode", script_.mode, {"manual", "cloud-init"});
    add_form(script, "--format", script_.format, {"sh", "json"});
    add_subnet_target(script, script_.target);
}

}  // namespace adaos::node

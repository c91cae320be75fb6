#include "node/cli_services.hpp"

#include "node/cli_grants.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace adaos::node {

void ServicesCli::add(CLI::App* service, AddVerb const& verb) {
    auto* const add = verb(service, "add", "have something that listens here reached by name",
                           "  adaos service add blog http://127.0.0.1:3000\n"
                           "  adaos service add ssh tcp://127.0.0.1:22 --scope operate\n"
                           "  adaos service add app unix:/run/app.sock --public",
                           [this] { return command_service_add(context_, add_); });
    add->add_option("name", add_.name, "1 to 63 of a-z, 0-9, - and _")->required();
    add->add_option("target", add_.target,
                    "http://HOST:PORT, unix:/PATH, tcp://HOST:PORT or tcp+unix:/PATH")
        ->required();
    add->add_flag("--public", add_.open, "for everybody: nobody is asked for a token");
    add->add_option("--scope", add_.scope,
                    "what a caller's token needs: view, developer, operate or admin (default: view "
                    "to read, developer for the rest)");
    add->add_flag("--proxy-protocol", add_.proxy_protocol,
                  "tell a tcp target who connects (PROXY protocol, version 2)");
    verb(service, "list", "the services of this node and where they are reached",
         "  adaos service list", [this] { return command_service_list(context_); });
    auto* const remove =
        verb(service, "remove", "have one reached no more", "  adaos service remove blog",
             [this] { return command_service_remove(context_, removed_); });
    remove->add_option("name", removed_, "the service's name")->required();
}

void ServicesCli::add_connect(CLI::App* above, AddVerb const& verb) {
    auto* const connect =
        verb(above, "connect", "reach a TCP service of a node",
             "  adaos connect garage-pi ssh --listen 2222\n"
             "  ssh -o ProxyCommand='adaos connect garage-pi ssh --stdio' me@garage-pi\n"
             "  adaos connect hub db --server https://root.example.org --subnet sn_0123abcd "
             "--server-token file:token",
             [this] { return command_connect(context_, connect_); });
    connect->add_option("node", connect_.node, "the node's name or id; hub: the hub itself")
        ->required();
    connect->add_option("name", connect_.service, "the service's name")->required();
    connect->add_option("--listen", connect_.listen,
                        "port on 127.0.0.1; 0, as without it, takes a free one");
    connect->add_flag("--stdio", connect_.stdio, "one connection, on standard input and output");
    add_subnet_target(connect, connect_.target);
}

}  // namespace adaos::node

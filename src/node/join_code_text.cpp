#include "node/join_code_text.hpp"

#include "net/network.hpp"

#include <algorithm>

namespace adaos::node {
namespace {

bool is_wildcard(std::string const& host) {
    return host == "0.0.0.0" || host == "::";
}

bool is_ipv4(std::string const& host) {
    return std::all_of(host.begin(), host.end(),
                       [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

}  // namespace

std::string join_command(MadeCode const& made) {
    return "adaos node join --code " + made.code + " --root " + made.root_url;
}

void address_locally(MadeCode& made, net::Url const& hub) {
    made.root_url = hub.origin();
    made.command = join_command(made);
}

net::Url hub_address(std::string const& listen_host, std::uint16_t port,
                     std::vector<std::string> const& own_hosts) {
    net::Url out{"http", listen_host, port, "/"};
    if (!is_wildcard(listen_host)) return out;
    auto const outside = std::find_if(own_hosts.begin(), own_hosts.end(), [](auto const& host) {
        return is_ipv4(host) && !net::is_loopback(host);
    });
    out.host = outside == own_hosts.end() ? "127.0.0.1" : *outside;
    return out;
}

std::string to_text(MadeCode const& made) {
    auto const root = net::parse_url(made.root_url);
    bool const here = root && net::is_loopback(root->host);
    auto out = made.code + "\nExpires " + made.expires_at_utc +
               (here ? "\nOn this machine: " : "\nOn the other machine: ") + made.command + '\n';
    if (here && made.mode == "local") {
        out += "For the LAN: serve with adaos api serve --host 0.0.0.0 and make a code then\n";
    }
    return out;
}

}  // namespace adaos::node

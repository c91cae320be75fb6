#include "node/local_hosts.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

namespace adaos::node {
namespace {

std::string address_text(sockaddr const& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    void const* raw = nullptr;
    if (address.sa_family == AF_INET) raw = &reinterpret_cast<sockaddr_in const&>(address).sin_addr;
    if (address.sa_family == AF_INET6)
        raw = &reinterpret_cast<sockaddr_in6 const&>(address).sin6_addr;
    if (raw == nullptr) return {};
    return ::inet_ntop(address.sa_family, raw, text.data(), text.size()) ? text.data() : "";
}

}  // namespace

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::vector<std::string> local_hosts(std::string const& listen_host) {
    std::vector<std::string> hosts{"localhost", "127.0.0.1", "::1"};
    auto const add = [&hosts](std::string host) {
        bool const known = std::find(hosts.begin(), hosts.end(), host) != hosts.end();
        if (!host.empty() && !known) hosts.push_back(std::move(host));
    };
    add(host_name());
    if (listen_host != "0.0.0.0" && listen_host != "::") add(listen_host);
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return hosts;
    std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> const owner(list, &::freeifaddrs);
    for (auto const* at = list; at != nullptr; at = at->ifa_next)
        if (at->ifa_addr != nullptr) add(address_text(*at->ifa_addr));
    return hosts;
}

}  // namespace adaos::node

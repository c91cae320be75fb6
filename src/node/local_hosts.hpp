#pragma once
/// The names and addresses under which this machine may be called.

#include <string>
#include <vector>

namespace adaos::node {

[[nodiscard]] std::string host_name();
/// For the certificate of this node's own port: localhost, the host name, the addresses of its
/// interfaces, and `listen_host` unless it is a wildcard.
[[nodiscard]] std::vector<std::string> local_hosts(std::string const& listen_host);

}  // namespace adaos::node

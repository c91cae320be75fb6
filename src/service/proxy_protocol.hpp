#pragma once
/// The PROXY protocol, version 2, as the sender (haproxy's proxy-protocol.txt, section 2.2). Pure.

#include "base/bytes.hpp"

#include <string>

namespace adaos::service {

/// What precedes a connection: who connects, from which address. One that is neither IPv4 nor IPv6
/// (a link that did not tell) gives a LOCAL header: the target keeps the connection's own address.
/// The port of the source, and the address it dialled, are not known here and sent as 0.
[[nodiscard]] Bytes proxy_header(std::string const& source);

}  // namespace adaos::service

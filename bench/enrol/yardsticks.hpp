#pragma once
/// What the parts of a join allow by themselves on this machine.

#include "base/error.hpp"
#include "bench/enrol/timing.hpp"
#include "net/tls.hpp"

#include <filesystem>
#include <string>

namespace adaos::bench {

/// scrypt with the cost of a join code, on two threads: one run is what a joiner must do per join.
[[nodiscard]] Result<Rate> measure_scrypt(Millis at_least);

/// One row, one transaction, one commit with fsync: the store's own connection and pragmas, on the
/// file system of `folder`.
[[nodiscard]] Result<Rate> measure_commits(std::filesystem::path const& folder, Millis at_least);

/// Full TLS 1.3 handshakes over loopback TCP, a connection each, plain OpenSSL without HTTP: a
/// process that serves with the server's certificate and context, and clients that verify it, as
/// many as two cores can do.
[[nodiscard]] Result<Rate> measure_handshakes(net::TlsIdentity const& identity,
                                              std::string const& ca_pem, Millis at_least);

}  // namespace adaos::bench

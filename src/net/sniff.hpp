#pragma once
/// Tells TLS from plain text by a connection's first byte, so that one port can serve both.

#include "net/byte_stream.hpp"

namespace adaos::net {

struct Sniffed {
    bool tls = false;
    StreamPtr stream;  ///< the whole connection, what was looked at included
};

/// Waits for the first bytes. A TLS connection starts with a handshake record, 0x16 (RFC
/// 8446, 5.1), which no HTTP method does. The caller bounds the time by aborting, so it keeps a
/// pointer to what is inside `stream`. Errors: the stream's; it is closed then.
Task<Result<Sniffed>> sniff(StreamPtr stream);

}  // namespace adaos::net

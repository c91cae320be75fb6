#pragma once
/// A ByteStream made of the binary messages of a WebSocket whose handshake is done. Internal to
/// net.

#include "net/byte_stream.hpp"
#include "net/ws_codec.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace adaos::net {

/// A close frame is the end of one half only: after the peer's, reads give eof and writes go on
/// until our own `shutdown_write` or `close` sends ours. An end of `below` without a close frame is
/// asio connection_reset; what breaks the protocol is answered with a close frame and is
/// errc::protocol_error from then on.
[[nodiscard]] StreamPtr make_ws_stream(StreamPtr below, WsCodec::Role role,
                                       boost::asio::any_io_executor loop);

}  // namespace adaos::net

#pragma once
/// WebSocket as a carrier: its binary messages are one ByteStream. RFC 6455; websocketpp's hybi13
/// processor is the codec, in ws_codec.cpp alone.

#include "net/byte_stream.hpp"
#include "net/http_session.hpp"
#include "net/timers.hpp"

namespace adaos::net {

/// Answers the upgrade request (101) and returns the stream. A request that is no proper WebSocket
/// upgrade is answered 400 (426 when it is no upgrade at all) and Problem::bad_request returned.
/// Pings are answered, text messages are an error (close 1003), messages over 1 MiB too (1009);
/// a clean close of the peer is eof.
Task<Result<StreamPtr>> ws_accept(Exchange& exchange);

/// Upgrades a fresh client connection: sends GET `target` with `fields` (Host included), checks the
/// 101. Errors: Problem::bad_answer; when the server answered something else its status is in the
/// context, with the problem's code and detail if the body was problem+json, and 503/404 map to
/// Problem::hub_offline / subnet_unknown when the body says so.
Task<Result<StreamPtr>> ws_connect(StreamPtr stream, std::string host, std::string target,
                                   Fields fields);

}  // namespace adaos::net

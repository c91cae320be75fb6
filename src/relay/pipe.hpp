#pragma once
/// Two streams joined: what an upgraded exchange becomes.

#include "base/log.hpp"
#include "net/byte_stream.hpp"
#include "net/event.hpp"
#include "net/task_group.hpp"

namespace adaos::relay {

/// Buffer of one direction, bytes. Two make one HTTP/2 frame of the largest size we send.
inline constexpr std::size_t copy_buffer_bytes = 16 * 1024;

/// Copies both ways until both halves have ended; an end is passed on as an end (half-close), a
/// broken half breaks the other stream. Returns when both are done with.
net::Task<void> join_streams(net::ByteStream& a, net::ByteStream& b, Log log);

}  // namespace adaos::relay

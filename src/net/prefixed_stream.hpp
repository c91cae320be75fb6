#pragma once
/// Gives bytes back to a stream they were read from.

#include "base/bytes.hpp"
#include "net/byte_stream.hpp"

namespace adaos::net {

/// Reads yield `first` and then what `below` yields; all else is `below`'s. Just `below` when
/// `first` is empty.
[[nodiscard]] StreamPtr make_prefixed(Bytes first, StreamPtr below);

}  // namespace adaos::net

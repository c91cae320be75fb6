#pragma once
/// The seam between protocols and sockets: bytes in, bytes out, nothing about what is below.

#include "base/error.hpp"
#include "net/task.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace adaos::net {

/// One open, reliable, ordered connection. TCP is one, TLS and WebSocket over any other are, and so
/// is a stream inside a link.
///
/// At most one read and one write may be outstanding at a time; there is no queue inside.
/// Buffers must stay valid until the call completes. Destroying a stream with nothing outstanding
/// closes it at once; call `close()` first for an orderly end.
class ByteStream {
public:
    virtual ~ByteStream() = default;

    /// Reads at least 1 byte into `into` (size >= 1). Errors: asio eof at a clean end of the peer's
    /// half, and from then on; else whatever broke.
    virtual Task<Result<std::size_t>> read_some(std::span<std::byte> into) = 0;

    /// Writes all of `from`. After an error an unknown part was sent: drop the stream.
    virtual Task<Result<void>> write_all(std::span<std::byte const> from) = 0;

    /// Ends our half (a FIN); reading goes on. Repeating it does nothing.
    virtual Task<Result<void>> shutdown_write() = 0;

    /// Ends both halves in order (goodbyes of the layers, without waiting for the peer's). Errors
    /// are of no use to anyone and are not reported.
    virtual Task<void> close() = 0;

    /// Breaks the connection now (TCP: a reset): outstanding calls complete with operation_aborted,
    /// the peer sees an error and not an end. Safe at any time, from the loop's thread, repeatedly.
    virtual void abort() noexcept = 0;
};

using StreamPtr = std::unique_ptr<ByteStream>;

}  // namespace adaos::net

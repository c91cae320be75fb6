#pragma once
/// Many byte pipes over one, with credit: HTTP/2 framing by libnghttp2, no HTTP. Pure: bytes and
/// `now` in, bytes and events out. Wire format and every number: docs/protocol/link.md

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace adaos::link {

using StreamId = std::int32_t;

/// The control stream: the first that an accepter opens.
inline constexpr StreamId control_stream_id = 1;
/// Streams open at a time on one link, the control stream not counted.
inline constexpr std::uint32_t max_streams_per_link = 256;
/// Credit a stream starts with, in bytes: a typical API reply needs no round trip for credit.
inline constexpr std::uint32_t initial_stream_window = 64 * 1024;
/// Most credit one stream can grow to: 16 MiB carry 160 MB/s over a path of 100 ms.
inline constexpr std::uint32_t max_stream_window = 16 * 1024 * 1024;
/// What all streams of a link together may grow by. So a link never holds more received bytes than
/// `max_streams_per_link * initial_stream_window + window_growth_pool`, and never stalls for credit
/// of its own because some readers are slow.
inline constexpr std::uint32_t window_growth_pool = 16 * 1024 * 1024;
/// A reader that drained a whole window within this time gets twice the window: so a window comes
/// to hold what arrives in half a second, the round trip of a poor satellite path.
inline constexpr std::chrono::milliseconds window_growth_tick{500};
/// Largest DATA payload we send; the largest a peer may send.
inline constexpr std::size_t max_frame_bytes = 16 * 1024;
/// Accepted from a writer and not yet framed, per stream.
inline constexpr std::size_t max_pending_bytes = 64 * 1024;
/// Link credit that bulk streams leave to the control stream.
inline constexpr std::int32_t control_reserve_bytes = 16 * 1024;
/// Resets of a peer that a link survives: a burst, then so many a second (rapid reset).
inline constexpr std::uint64_t reset_burst = 2000;
inline constexpr std::uint64_t resets_per_second = 200;

struct MuxLimits {
    std::uint32_t streams = max_streams_per_link;
    std::uint32_t stream_window = initial_stream_window;
    std::uint32_t stream_window_cap = max_stream_window;
    std::uint32_t growth_pool = window_growth_pool;
};

/// What happened to the streams, told during `feed` and `output`. Do not call the core from inside.
class MuxEvents {
public:
    virtual ~MuxEvents() = default;
    /// Dialler only: the accepter opened a stream.
    virtual void on_opened(StreamId id) = 0;
    /// Bytes of a stream; each must be given back by `consume` once it was read.
    virtual void on_data(StreamId id, std::span<std::byte const> bytes) = 0;
    /// The peer ended its half.
    virtual void on_ended(StreamId id) = 0;
    /// The stream is over before both halves ended. Nothing more comes for it.
    virtual void on_reset(StreamId id) = 0;
    /// `write` refused bytes before; now it takes some again.
    virtual void on_writable(StreamId id) = 0;
};

class MuxCore {
public:
    enum class Side { accepter, dialler };
    /// `events` must outlive the core.
    MuxCore(Side side, MuxLimits limits, MuxEvents& events);
    ~MuxCore();
    MuxCore(MuxCore const&) = delete;
    MuxCore& operator=(MuxCore const&) = delete;

    /// Bytes from the peer, in any chunking. Nothing is taken once `over()`.
    void feed(std::span<std::byte const> bytes, SteadyTime now);
    /// Appends what is ready to be sent, the control stream's first, until `into` holds at least
    /// `enough` bytes or nothing is left. May exceed `enough` by one frame.
    void output(Bytes& into, std::size_t enough);

    /// `output` would give something.
    [[nodiscard]] bool has_output() const noexcept;

    /// Accepter only. The first is the control stream. Errors: Problem::relay_busy at the cap,
    /// Problem::link_lost when the link is over or the peer is going away.
    Result<StreamId> open();
    /// Takes up to what fits into the stream's pending bytes; returns how many were taken, 0 also
    /// for a stream that is over. When fewer than offered: on_writable follows.
    std::size_t write(StreamId id, std::span<std::byte const> bytes);
    /// Ends our half after what is pending.
    void end(StreamId id);
    /// Breaks the stream. No event follows.
    void reset(StreamId id);
    /// Nobody holds the stream any more: resets it, unless our half was ended; then what is pending
    /// still goes out, what comes in is dropped, and the stream goes when our end was sent.
    void release(StreamId id);
    /// The reader took `n` bytes (or they are dropped): gives credit back, perhaps more than
    /// before. Also for a stream that is over: the link's credit is still owed.
    void consume(StreamId id, std::size_t n, SteadyTime now);
    /// No new streams; the peer is told. Streams of now go on.
    void go_away();
    /// Ends the link because the layer above saw a fault of the peer; the peer gets PROTOCOL_ERROR.
    void refuse(std::string why);

    /// The link cannot go on: `failure()` says why. What `output` still gives tells the peer.
    [[nodiscard]] bool over() const noexcept;
    /// "" or a sentence; a peer's clean goodbye is not a failure.
    [[nodiscard]] std::string const& failure() const noexcept;
    /// The peer sent GOAWAY without an error.
    [[nodiscard]] bool peer_going() const noexcept;
    /// Streams open, without the control stream.
    [[nodiscard]] std::size_t open_streams() const noexcept;
    /// Bytes that `write` would take now; 0 for a stream that is over or ended.
    [[nodiscard]] std::size_t room(StreamId id) const noexcept;
    /// The receive window of a stream, for tests and for people who measure.
    [[nodiscard]] std::uint32_t window(StreamId id) const noexcept;

    struct Parts;  // public for the C callbacks only

private:
    std::unique_ptr<Parts> parts_;
};

}  // namespace adaos::link

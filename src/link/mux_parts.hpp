#pragma once
/// Inside of MuxCore: what the callbacks of libnghttp2 work on. For mux_core.cpp and mux_parts.cpp.

#include "link/byte_queue.hpp"
#include "link/mux_core.hpp"

#include <nghttp2/nghttp2.h>

#include <memory>
#include <unordered_map>
#include <vector>

namespace adaos::link {

/// A block of header fields, as sent and as accepted. Ours has one field.
inline constexpr std::uint32_t max_header_block_bytes = 4096;
/// Answers to SETTINGS and PING that wait to be sent (a flood of those).
inline constexpr std::size_t max_unsent_acks = 100;

/// The state of one stream. `held`: its data waits for the next round of `output`, because the
/// control stream goes first, the batch is full or link credit is down to the reserve.
struct MuxStreamState {
    ByteQueue pending;
    std::uint32_t window = 0;
    std::uint32_t drained = 0;  ///< bytes consumed since `drain_start`
    SteadyTime drain_start{};
    bool draining = false;
    bool deferred = true;  ///< libnghttp2 waits for nghttp2_session_resume_data
    bool held = false;
    bool refused = false;  ///< a writer waits for on_writable
    bool ending = false;   ///< our half ends after `pending`
    bool end_sent = false;
    bool peer_ended = false;
    bool released = false;  ///< no events any more
    bool dropped = false;   ///< its reset is queued
};

struct MuxCore::Parts {
    Parts(Side which, MuxLimits most, MuxEvents& told) : side(which), limits(most), events(told) {
        pool = most.growth_pool;
    }
    ~Parts();
    Parts(Parts const&) = delete;
    Parts& operator=(Parts const&) = delete;

    [[nodiscard]] MuxStreamState* find(StreamId id) noexcept;
    MuxStreamState& add(StreamId id);
    void fail(std::string why);
    /// Resets it; what comes of it afterwards is dropped.
    void drop(StreamId id, MuxStreamState& s);
    /// Lets libnghttp2 ask for data again, unless it is `held`.
    void resume(StreamId id, MuxStreamState& s);
    /// Lets the held streams go on if they may; false when there are none or they may not.
    bool resume_held();
    void grow(StreamId id, MuxStreamState& s, std::size_t n, SteadyTime when);
    [[nodiscard]] std::size_t streams_allowed() const noexcept;
    [[nodiscard]] bool control_urgent() noexcept;
    [[nodiscard]] std::int32_t link_credit() const noexcept;
    [[nodiscard]] nghttp2_data_provider provider() noexcept;

    // What libnghttp2 tells.
    long read(StreamId id, std::size_t most, std::uint32_t& flags);
    void sent(StreamId id, std::uint8_t const* frame_head, std::size_t length);
    void opened(StreamId id);
    void peer_ended(StreamId id);
    void data(StreamId id, std::span<std::byte const> bytes);
    void closed(StreamId id);
    void end_sent(StreamId id);

    Side side;
    MuxLimits limits;
    MuxEvents& events;
    nghttp2_session* session = nullptr;
    std::unordered_map<StreamId, MuxStreamState> streams;
    std::vector<StreamId> held;
    std::uint32_t pool = 0;        ///< what windows may still grow by
    std::size_t header_bytes = 0;  ///< of the block being received
    std::string failure;
    bool peer_going = false;
    bool going = false;
    SteadyTime now{};
    Bytes* out = nullptr;  ///< of the `output` under way
    std::size_t enough = 0;
};

struct CallbacksDeleter {
    void operator()(nghttp2_session_callbacks* c) const noexcept;
};
[[nodiscard]] std::unique_ptr<nghttp2_session_callbacks, CallbacksDeleter> mux_callbacks();

}  // namespace adaos::link

#pragma once
/// MuxCore on a carrier: one task reads, one writes, and every stream is a net::ByteStream.

#include "base/error.hpp"
#include "link/hello.hpp"
#include "link/mux_core.hpp"
#include "net/byte_stream.hpp"
#include "net/task_group.hpp"
#include "net/timers.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace adaos::link {

/// Most bytes given to the carrier in one write: what is ready in one turn of the loop goes out
/// together, and a control message waits for at most this much.
inline constexpr std::size_t write_batch_bytes = 64 * 1024;
/// Read buffer of a quiet link, and of one that fills it.
inline constexpr std::size_t quiet_read_bytes = 4 * 1024;
inline constexpr std::size_t busy_read_bytes = 64 * 1024;
/// How long a goodbye may take before the carrier is cut.
inline constexpr std::chrono::milliseconds linger_time{1'000};

struct MuxState;  // shared with the streams, which may outlive the Mux: they fail with link_lost
                  // then

class Mux {
public:
    /// What the owner does for the control stream. All run on the loop, never inside each other.
    struct Owner {
        std::function<void()> on_heard;                              ///< bytes came on the carrier
        std::function<void(std::span<std::byte const>)> on_control;  ///< of the control stream
        std::function<std::string(std::size_t most)> output;         ///< to be sent on it
        std::function<void()> on_turn;                               ///< after each read: streams?
        std::function<void(Ending)> on_end;  ///< once; all streams have failed
    };

    Mux(boost::asio::any_io_executor loop, net::Timers& timers, net::StreamPtr carrier,
        MuxCore::Side side, MuxLimits limits);
    /// Cuts the carrier; tells the owner nothing any more.
    ~Mux();
    Mux(Mux const&) = delete;
    Mux& operator=(Mux const&) = delete;

    /// Starts both tasks; they end with the mux. The accepter's opens the control stream.
    void start(net::TaskGroup& tasks, Owner owner);
    /// The control stream has something to send.
    void wake();
    /// Accepter only. Errors as MuxCore::open.
    Result<net::StreamPtr> open();
    /// Dialler only: the next stream the peer opened; null when there is none now.
    [[nodiscard]] net::StreamPtr take_opened();
    /// Sends what is ready, ends our half of the carrier and waits for the peer to end its own; all
    /// within `linger_time`.
    void finish(Ending why);
    /// At once.
    void abort(Ending why) noexcept;

    [[nodiscard]] bool ended() const noexcept;
    /// What broke the carrier, once ended by that.
    [[nodiscard]] std::optional<Error> const& cause() const noexcept;
    [[nodiscard]] std::size_t open_streams() const noexcept;

private:
    std::shared_ptr<MuxState> state_;
};

}  // namespace adaos::link

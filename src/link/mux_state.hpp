#pragma once
/// Inside of Mux, shared by its tasks and its streams. For mux.cpp and mux_stream.cpp.

#include "link/byte_queue.hpp"
#include "link/mux.hpp"
#include "net/event.hpp"

#include <deque>
#include <map>
#include <vector>

namespace adaos::link {

class MuxStream final : public net::ByteStream {
public:
    MuxStream(std::shared_ptr<MuxState> link, StreamId id);
    ~MuxStream() override;
    MuxStream(MuxStream const&) = delete;
    MuxStream& operator=(MuxStream const&) = delete;

    net::Task<Result<std::size_t>> read_some(std::span<std::byte> into) override;
    net::Task<Result<void>> write_all(std::span<std::byte const> from) override;
    net::Task<Result<void>> shutdown_write() override;
    net::Task<void> close() override;
    void abort() noexcept override;

    // From the link.
    void on_data(std::span<std::byte const> bytes) { in_.append(bytes), readable_.notify(); }
    void on_ended() { ended_ = true, readable_.notify(); }
    void on_reset() { reset_ = true, wake(); }
    void on_writable() { writable_.notify(); }
    void wake() { readable_.notify(), writable_.notify(); }

private:
    void drop_unread();

    std::shared_ptr<MuxState> link_;  // the stream may outlive the Mux
    StreamId id_;
    ByteQueue in_;        ///< received and not read; bounded by the stream's window
    bool ended_ = false;  ///< by the peer, after `in_`
    bool reset_ = false;  ///< by the peer
    bool shut_ = false;   ///< by us: our half
    bool over_ = false;   ///< by us: closed or aborted
    net::Event readable_;
    net::Event writable_;
};

/// Shared, because streams outlive the Mux; from itself, because it makes streams for its peer.
struct MuxState final : MuxEvents, std::enable_shared_from_this<MuxState> {
    MuxState(boost::asio::any_io_executor on, net::Timers& time, net::StreamPtr below,
             MuxCore::Side which, MuxLimits most);

    void on_opened(StreamId id) override;
    void on_data(StreamId id, std::span<std::byte const> bytes) override;
    void on_ended(StreamId id) override;
    void on_reset(StreamId id) override;
    void on_writable(StreamId id) override;

    /// More streams are held (also reset ones, by tasks not yet gone) than we bear.
    [[nodiscard]] bool crowded() const { return streams.size() >= 2 * std::size_t{limits.streams}; }
    [[nodiscard]] MuxStream* find(StreamId id);
    /// Takes bytes of the carrier and hands on what came of them.
    void took(std::span<std::byte const> bytes);
    /// Fills `batch` with what is ready.
    void gather(Bytes& batch);
    void consumed(StreamId id, std::size_t n);
    void end(Ending why, std::optional<Error> because);
    void finish(Ending why);

    boost::asio::any_io_executor loop;
    net::Timers& timers;
    net::StreamPtr carrier;
    MuxCore::Side side;
    MuxLimits limits;
    MuxCore core;
    Mux::Owner owner;
    Bytes control_in;
    std::deque<std::unique_ptr<MuxStream>>
        opened;                              ///< by the peer, not yet taken; emptied by end()
    std::vector<StreamId> refused;           ///< opened beyond what we hold at a time
    std::map<StreamId, MuxStream*> streams;  ///< those that someone holds
    net::Event out;                          ///< there may be something to write
    net::TimerPtr linger;
    std::optional<Ending> finishing;
    std::optional<Error> cause;
    bool ended = false;
};

net::Task<void> mux_read_loop(std::shared_ptr<MuxState> state);
net::Task<void> mux_write_loop(std::shared_ptr<MuxState> state);

}  // namespace adaos::link

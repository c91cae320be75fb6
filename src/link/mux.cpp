#include "link/mux.hpp"

#include "base/problem.hpp"
#include "link/mux_state.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace adaos::link {
namespace {

Ending carrier_ending(Error const& error) {
    if (error.code == boost::asio::error::eof)
        return {"peer_closed", "the peer closed the connection"};
    return {"carrier_lost", error.message()};
}

/// However a loop of the mux ends, also by an exception (cancelled), the mux ends with it.
struct EndsMux {
    MuxState& state;
    bool armed = true;
    ~EndsMux() {
        if (armed) state.end({"carrier_lost", "the tasks of the link were stopped"}, std::nullopt);
    }
};

}  // namespace

MuxState::MuxState(boost::asio::any_io_executor on, net::Timers& time, net::StreamPtr below,
                   MuxCore::Side which, MuxLimits most)
    : loop(std::move(on)),
      timers(time),
      carrier(std::move(below)),
      side(which),
      limits(most),
      core(which, most, *this),
      out(loop) {}

MuxStream* MuxState::find(StreamId id) {
    auto const at = streams.find(id);
    return at == streams.end() ? nullptr : at->second;
}

void MuxState::on_opened(StreamId id) {
    if (id == control_stream_id) return;
    if (crowded()) return refused.push_back(id);
    opened.push_back(std::make_unique<MuxStream>(shared_from_this(), id));
}

void MuxState::on_data(StreamId id, std::span<std::byte const> bytes) {
    if (id == control_stream_id) {
        control_in.insert(control_in.end(), bytes.begin(), bytes.end());
    } else if (auto* const stream = find(id)) {
        stream->on_data(bytes);
    }
}

void MuxState::on_ended(StreamId id) {
    if (auto* const stream = find(id)) stream->on_ended();
}

void MuxState::on_reset(StreamId id) {
    if (auto* const stream = find(id)) stream->on_reset();
}

void MuxState::on_writable(StreamId id) {
    if (auto* const stream = find(id)) stream->on_writable();
}

void MuxState::took(std::span<std::byte const> bytes) {
    auto const now = timers.now();
    if (owner.on_heard) owner.on_heard();
    core.feed(bytes, now);
    for (auto const id : std::exchange(refused, {})) core.reset(id);
    if (!control_in.empty()) {
        auto const control = std::exchange(control_in, {});
        core.consume(control_stream_id, control.size(), now);
        if (owner.on_control) owner.on_control(control);
    }
    if (core.over()) finish({"protocol", core.failure()});
    if (owner.on_turn) owner.on_turn();
    if (core.has_output()) out.notify();
}

void MuxState::gather(Bytes& batch) {
    for (auto room = core.room(control_stream_id); room > 0 && owner.output;) {
        auto const control = owner.output(room);
        if (control.empty()) break;
        room -= core.write(control_stream_id, as_bytes(control));
    }
    core.output(batch, write_batch_bytes);
    if (core.over()) finish({"protocol", core.failure()});
}

void MuxState::consumed(StreamId id, std::size_t n) {
    if (ended) return;
    core.consume(id, n, timers.now());
    if (core.has_output()) out.notify();
}

void MuxState::finish(Ending why) {
    if (ended || finishing) return;
    finishing = std::move(why);
    core.go_away();
    out.notify();
    linger = timers.call_after(linger_time, [this] { end(*finishing, std::nullopt); });
}

void MuxState::end(Ending why, std::optional<Error> because) {
    if (std::exchange(ended, true)) return;
    if (finishing) why = *finishing;
    cause = std::move(because);
    linger.reset();
    opened.clear();
    carrier->abort();
    for (auto const& [id, stream] : streams) stream->wake();
    out.notify();
    auto const tell = std::exchange(owner, {}).on_end;
    if (tell) tell(std::move(why));
}

net::Task<void> mux_read_loop(std::shared_ptr<MuxState> state) {
    EndsMux const guard{*state};
    Bytes buffer(quiet_read_bytes);
    while (!state->ended) {
        auto const got = co_await state->carrier->read_some(buffer);
        if (!got) {
            state->end(carrier_ending(got.error()), got.error());
            break;
        }
        bool const filled = *got == buffer.size();
        state->took(std::span(buffer).first(*got));
        auto const size = filled ? busy_read_bytes : quiet_read_bytes;
        if (filled ? buffer.size() < size : *got <= size / 2 && buffer.size() > size)
            Bytes(size).swap(buffer);
    }
}

net::Task<void> mux_write_loop(std::shared_ptr<MuxState> state) {
    EndsMux guard{*state};
    Bytes batch;
    while (!state->ended) {
        state->gather(batch);
        if (!batch.empty()) {
            auto const wrote = co_await state->carrier->write_all(batch);
            if (!wrote) {
                state->end(carrier_ending(wrote.error()), wrote.error());
                break;
            }
            batch.clear();
            continue;
        }
        if (state->finishing) break;
        Bytes().swap(batch);  // a quiet link holds no buffer
        co_await state->out.wait();
        auto const cancellation = co_await boost::asio::this_coro::cancellation_state;
        if (cancellation.cancelled() != boost::asio::cancellation_type::none) break;
    }
    if (state->ended || !state->finishing) co_return;
    // Not close(), and no abort behind it: on TCP that could destroy our last words on their way.
    // The peer ends its half in answer, and our reader ends the mux; or the linger time does.
    co_await state->carrier->shutdown_write();
    guard.armed = false;
}

Mux::Mux(boost::asio::any_io_executor loop, net::Timers& timers, net::StreamPtr carrier,
         MuxCore::Side side, MuxLimits limits)
    : state_(
          std::make_shared<MuxState>(std::move(loop), timers, std::move(carrier), side, limits)) {}

Mux::~Mux() {
    state_->owner = {};
    state_->end({"carrier_lost", "the link was dropped"}, std::nullopt);
}

void Mux::start(net::TaskGroup& tasks, Owner owner) {
    state_->owner = std::move(owner);
    if (state_->side == MuxCore::Side::accepter) (void)state_->core.open();
    tasks.spawn(mux_read_loop(state_));
    tasks.spawn(mux_write_loop(state_));
}

void Mux::wake() {
    state_->out.notify();
}

Result<net::StreamPtr> Mux::open() {
    if (state_->ended || state_->finishing) return Error(Problem::link_lost, "open a stream");
    if (state_->crowded())
        return Error(Problem::relay_busy, "too many streams of the link are still held");
    auto const id = state_->core.open();
    if (!id) return id.error();
    state_->out.notify();
    return net::StreamPtr(std::make_unique<MuxStream>(state_, *id));
}

net::StreamPtr Mux::take_opened() {
    if (state_->opened.empty()) return nullptr;
    auto stream = std::move(state_->opened.front());
    state_->opened.pop_front();
    return stream;
}

void Mux::finish(Ending why) {
    state_->finish(std::move(why));
}

void Mux::abort(Ending why) noexcept {
    state_->end(std::move(why), std::nullopt);
}

bool Mux::ended() const noexcept {
    return state_->ended;
}

std::optional<Error> const& Mux::cause() const noexcept {
    return state_->cause;
}

std::size_t Mux::open_streams() const noexcept {
    return state_->core.open_streams();
}

}  // namespace adaos::link

#include "link/mux_parts.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <new>
#include <utility>

namespace adaos::link {

MuxCore::Parts::~Parts() {
    nghttp2_session_del(session);
}

MuxStreamState* MuxCore::Parts::find(StreamId id) noexcept {
    auto const at = streams.find(id);
    return at == streams.end() ? nullptr : &at->second;
}

MuxStreamState& MuxCore::Parts::add(StreamId id) {
    auto& s = streams[id];
    s.window = limits.stream_window;
    return s;
}

void MuxCore::Parts::fail(std::string why) {
    if (!failure.empty()) return;
    failure = why.empty() ? "protocol error" : std::move(why);
    nghttp2_session_terminate_session(session, NGHTTP2_PROTOCOL_ERROR);  // nothing if one went out
}

void MuxCore::Parts::drop(StreamId id, MuxStreamState& s) {
    s.released = true;
    s.pending.clear();
    // Once: a second one for a stream whose head never went out is a reset of an idle stream, by
    // which the peer ends the link (libnghttp2 takes only the first for a cancelled head).
    if (std::exchange(s.dropped, true)) return;
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
}

void MuxCore::Parts::resume(StreamId id, MuxStreamState& s) {
    if (!s.deferred || s.held) return;
    s.deferred = false;
    nghttp2_session_resume_data(session, id);
}

bool MuxCore::Parts::resume_held() {
    if (held.empty() || out->size() >= enough) return false;
    if (control_urgent() || link_credit() <= control_reserve_bytes) return false;
    for (auto const id : std::exchange(held, {})) {
        auto* const s = find(id);
        if (s == nullptr) continue;
        s->held = false;
        resume(id, *s);
    }
    return true;
}

std::int32_t MuxCore::Parts::link_credit() const noexcept {
    return nghttp2_session_get_remote_window_size(session);
}

/// The control stream has something to say, and the credit to say it.
bool MuxCore::Parts::control_urgent() noexcept {
    auto const* const s = find(control_stream_id);
    return s != nullptr && !s->pending.empty() && link_credit() > 0 &&
           nghttp2_session_get_stream_remote_window_size(session, control_stream_id) > 0;
}

std::size_t MuxCore::Parts::streams_allowed() const noexcept {
    auto const theirs =
        nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
    return std::min(limits.streams, theirs == 0 ? 0 : theirs - 1);
}

void MuxCore::Parts::grow(StreamId id, MuxStreamState& s, std::size_t n, SteadyTime when) {
    s.drained += static_cast<std::uint32_t>(n);
    if (s.drained < s.window) return;
    bool const fast = when - s.drain_start <= window_growth_tick;
    s.draining = false;
    s.drained = 0;
    // At most half of what is left in the pool: the next stream finds something, too.
    if (!fast || s.window > limits.stream_window_cap / 2 || s.window > pool / 2) return;
    auto const doubled = static_cast<std::int32_t>(s.window * 2);
    if (nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, id, doubled) != 0) return;
    pool -= s.window;
    s.window *= 2;
}

/// How many bytes of a stream go into its next frame; or why none do.
long MuxCore::Parts::read(StreamId id, std::size_t most, std::uint32_t& flags) {
    auto* const s = find(id);
    if (s == nullptr) return NGHTTP2_ERR_DEFERRED;
    if (s->pending.empty() && !s->ending) {
        s->deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    auto n = std::min({most, s->pending.size(), max_frame_bytes});
    if (id != control_stream_id && n > 0) {
        auto const credit = link_credit() - control_reserve_bytes;
        if (credit <= 0 || out->size() >= enough || control_urgent()) {
            s->deferred = s->held = true;
            held.push_back(id);
            return NGHTTP2_ERR_DEFERRED;
        }
        n = std::min(n, static_cast<std::size_t>(credit));
    }
    if (n > 0) flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (s->ending && n == s->pending.size()) flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<long>(n);
}

void MuxCore::Parts::sent(StreamId id, std::uint8_t const* frame_head, std::size_t length) {
    constexpr std::size_t frame_head_bytes = 9;
    auto const* const head = reinterpret_cast<std::byte const*>(frame_head);
    out->insert(out->end(), head, head + frame_head_bytes);
    auto* const s = find(id);
    if (s == nullptr) return;
    auto const bytes = s->pending.peek(length);
    out->insert(out->end(), bytes.begin(), bytes.end());
    s->pending.drop(length);
    if (s->refused && s->pending.size() <= max_pending_bytes / 2) {
        s->refused = false;
        if (!s->released) events.on_writable(id);
    }
}

void MuxCore::Parts::opened(StreamId id) {
    if (!streams.contains(control_stream_id) && id != control_stream_id) {
        fail("the first stream is not the control stream");
        return;
    }
    add(id);
    auto* const name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(":status"));
    auto* const value = reinterpret_cast<std::uint8_t*>(const_cast<char*>("200"));
    nghttp2_nv const head{name, value, 7, 3, NGHTTP2_NV_FLAG_NONE};
    auto answer = provider();
    if (nghttp2_submit_response(session, id, &head, 1, &answer) != 0) {
        fail("no answer to a new stream");
        return;
    }
    events.on_opened(id);
}

void MuxCore::Parts::peer_ended(StreamId id) {
    auto* const s = find(id);
    if (s == nullptr || std::exchange(s->peer_ended, true)) return;
    if (id == control_stream_id) fail("the control stream ended");
    if (!s->released) events.on_ended(id);
}

void MuxCore::Parts::data(StreamId id, std::span<std::byte const> bytes) {
    auto* const s = find(id);
    if (s == nullptr || s->released) {
        nghttp2_session_consume(session, id, bytes.size());
        return;
    }
    if (!std::exchange(s->draining, true)) s->drain_start = now;
    events.on_data(id, bytes);
}

void MuxCore::Parts::end_sent(StreamId id) {
    auto* const s = find(id);
    if (s == nullptr) return;
    s->end_sent = true;
    if (s->released && !s->peer_ended) drop(id, *s);
}

void MuxCore::Parts::closed(StreamId id) {
    auto* const s = find(id);
    if (s == nullptr) return;
    bool const tell = !s->released && !(s->peer_ended && s->end_sent);
    pool += s->window - limits.stream_window;
    streams.erase(id);
    if (id == control_stream_id) fail("the control stream was reset");
    if (tell) events.on_reset(id);
}

}  // namespace adaos::link

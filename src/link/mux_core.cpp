#include "link/mux_core.hpp"

#include "base/problem.hpp"
#include "link/mux_parts.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <new>

namespace adaos::link {
namespace {

struct OptionDeleter {
    void operator()(nghttp2_option* o) const noexcept { nghttp2_option_del(o); }
};

nghttp2_nv header(std::string_view name, std::string_view value) {
    auto const bytes = [](std::string_view text) {
        // nghttp2 copies both and never writes to them.
        return const_cast<std::uint8_t*>(reinterpret_cast<std::uint8_t const*>(text.data()));
    };
    return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

std::unique_ptr<nghttp2_option, OptionDeleter> options(MuxLimits const& limits) {
    nghttp2_option* raw = nullptr;
    if (nghttp2_option_new(&raw) != 0) throw std::bad_alloc();
    std::unique_ptr<nghttp2_option, OptionDeleter> option(raw);
    nghttp2_option_set_no_auto_window_update(raw, 1);
    nghttp2_option_set_no_http_messaging(raw, 1);
    nghttp2_option_set_no_closed_streams(raw, 1);
    nghttp2_option_set_peer_max_concurrent_streams(raw, limits.streams + 1);
    nghttp2_option_set_max_deflate_dynamic_table_size(raw, 0);
    nghttp2_option_set_max_send_header_block_length(raw, max_header_block_bytes);
    nghttp2_option_set_max_outbound_ack(raw, max_unsent_acks);
    nghttp2_option_set_max_continuations(raw, 1);
    nghttp2_option_set_stream_reset_rate_limit(raw, reset_burst, resets_per_second);
    return option;
}

}  // namespace

MuxCore::MuxCore(Side side, MuxLimits limits, MuxEvents& events)
    : parts_(std::make_unique<Parts>(side, limits, events)) {
    auto const option = options(limits);
    auto const callbacks = mux_callbacks();
    bool const accepter = side == Side::accepter;
    auto const made = accepter ? nghttp2_session_client_new2(&parts_->session, callbacks.get(),
                                                             parts_.get(), option.get())
                               : nghttp2_session_server_new2(&parts_->session, callbacks.get(),
                                                             parts_.get(), option.get());
    if (made != 0) throw std::bad_alloc();

    std::array<nghttp2_settings_entry, 5> const settings{{
        {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 0},
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, accepter ? 0 : limits.streams + 1},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.stream_window},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, max_header_block_bytes},
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},  // last: a server does not send it
    }};
    nghttp2_submit_settings(parts_->session, NGHTTP2_FLAG_NONE, settings.data(),
                            accepter ? settings.size() : settings.size() - 1);
    auto const link_window = (limits.streams + 1) * limits.stream_window + limits.growth_pool;
    nghttp2_session_set_local_window_size(parts_->session, NGHTTP2_FLAG_NONE, 0,
                                          static_cast<std::int32_t>(link_window));
}

MuxCore::~MuxCore() = default;

void MuxCore::feed(std::span<std::byte const> bytes, SteadyTime now) {
    if (over()) return;
    parts_->now = now;
    auto const* from = reinterpret_cast<std::uint8_t const*>(bytes.data());
    auto const taken = nghttp2_session_mem_recv(parts_->session, from, bytes.size());
    if (taken < 0) parts_->fail(nghttp2_strerror(static_cast<int>(taken)));
}

void MuxCore::output(Bytes& into, std::size_t enough) {
    parts_->out = &into;
    parts_->enough = enough;
    while (into.size() < enough) {
        std::uint8_t const* data = nullptr;
        auto const n = nghttp2_session_mem_send(parts_->session, &data);
        if (n < 0) {
            parts_->fail(nghttp2_strerror(static_cast<int>(n)));
            break;
        }
        auto const* bytes = reinterpret_cast<std::byte const*>(data);
        into.insert(into.end(), bytes, bytes + n);
        if (n == 0 && !parts_->resume_held()) break;
    }
    parts_->out = nullptr;
}

bool MuxCore::has_output() const noexcept {
    return nghttp2_session_want_write(parts_->session) != 0 || !parts_->held.empty();
}

Result<StreamId> MuxCore::open() {
    auto& p = *parts_;
    if (over() || p.peer_going || p.going) return Error(Problem::link_lost, "open a stream");
    if (p.streams.contains(control_stream_id) && open_streams() >= p.streams_allowed())
        return Error(Problem::relay_busy, "all streams of the link are in use");
    std::array<nghttp2_nv, 1> const head{header(":method", "CONNECT")};
    auto provider = p.provider();
    auto const id =
        nghttp2_submit_request(p.session, nullptr, head.data(), head.size(), &provider, nullptr);
    if (id <= 0) return Error(Problem::link_lost, "no stream ids left");
    p.add(id);
    return id;
}

std::size_t MuxCore::write(StreamId id, std::span<std::byte const> bytes) {
    auto* const s = parts_->find(id);
    if (s == nullptr || s->ending || s->released) return 0;
    auto const n = std::min(bytes.size(), max_pending_bytes - s->pending.size());
    s->pending.append(bytes.first(n));
    s->refused = n < bytes.size();
    parts_->resume(id, *s);
    return n;
}

void MuxCore::end(StreamId id) {
    auto* const s = parts_->find(id);
    if (s == nullptr || s->ending) return;
    s->ending = true;
    parts_->resume(id, *s);
}

void MuxCore::reset(StreamId id) {
    auto* const s = parts_->find(id);
    if (s == nullptr) return;
    parts_->drop(id, *s);
}

void MuxCore::release(StreamId id) {
    auto* const s = parts_->find(id);
    if (s == nullptr) return;
    s->released = true;
    if (!s->ending || s->end_sent) parts_->drop(id, *s);
}

void MuxCore::consume(StreamId id, std::size_t n, SteadyTime now) {
    if (n == 0) return;
    nghttp2_session_consume(parts_->session, id, n);
    if (auto* const s = parts_->find(id)) parts_->grow(id, *s, n, now);
}

void MuxCore::go_away() {
    if (std::exchange(parts_->going, true)) return;
    nghttp2_submit_goaway(parts_->session, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(parts_->session),
                          NGHTTP2_NO_ERROR, nullptr, 0);
}

void MuxCore::refuse(std::string why) {
    parts_->fail(std::move(why));
}

bool MuxCore::over() const noexcept {
    return !parts_->failure.empty();
}

std::string const& MuxCore::failure() const noexcept {
    return parts_->failure;
}

bool MuxCore::peer_going() const noexcept {
    return parts_->peer_going;
}

std::size_t MuxCore::open_streams() const noexcept {
    auto const all = parts_->streams.size();
    return parts_->streams.contains(control_stream_id) ? all - 1 : all;
}

std::size_t MuxCore::room(StreamId id) const noexcept {
    auto const* const s = parts_->find(id);
    if (s == nullptr || s->ending || s->released) return 0;
    return max_pending_bytes - s->pending.size();
}

std::uint32_t MuxCore::window(StreamId id) const noexcept {
    auto const* const s = parts_->find(id);
    return s == nullptr ? 0 : s->window;
}

}  // namespace adaos::link

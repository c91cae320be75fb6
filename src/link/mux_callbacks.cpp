// libnghttp2's C callbacks, turned into calls of MuxCore::Parts.
#include "link/mux_parts.hpp"

#include <nghttp2/nghttp2.h>

#include <new>

namespace adaos::link {
namespace {

MuxCore::Parts& mux_of(void* user) {
    return *static_cast<MuxCore::Parts*>(user);
}

long on_read(nghttp2_session*, std::int32_t id, std::uint8_t*, std::size_t length,
             std::uint32_t* flags, nghttp2_data_source*, void* user) {
    return mux_of(user).read(id, length, *flags);
}

int on_send_data(nghttp2_session*, nghttp2_frame* frame, std::uint8_t const* head,
                 std::size_t length, nghttp2_data_source*, void* user) {
    mux_of(user).sent(frame->hd.stream_id, head, length);
    return 0;
}

bool ends_stream(nghttp2_frame const* frame) {
    return (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

int on_begin_headers(nghttp2_session*, nghttp2_frame const*, void* user) {
    mux_of(user).header_bytes = 0;
    return 0;
}

int on_header(nghttp2_session*, nghttp2_frame const*, std::uint8_t const*, std::size_t name_bytes,
              std::uint8_t const*, std::size_t value_bytes, std::uint8_t, void* user) {
    auto& mux = mux_of(user);
    mux.header_bytes += name_bytes + value_bytes;
    if (mux.header_bytes > max_header_block_bytes) mux.fail("header fields too large");
    return 0;
}

int on_frame_recv(nghttp2_session*, nghttp2_frame const* frame, void* user) {
    auto& mux = mux_of(user);
    if (!mux.failure.empty()) return 0;
    auto const id = frame->hd.stream_id;
    if (frame->hd.type == NGHTTP2_HEADERS) {
        if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) mux.opened(id);
        if (ends_stream(frame)) mux.peer_ended(id);
    } else if (frame->hd.type == NGHTTP2_DATA) {
        if (ends_stream(frame)) mux.peer_ended(id);
    } else if (frame->hd.type == NGHTTP2_GOAWAY) {
        if (frame->goaway.error_code == NGHTTP2_NO_ERROR) {
            mux.peer_going = true;
        } else {
            mux.fail(std::string("the peer says ") +
                     nghttp2_http2_strerror(frame->goaway.error_code));
        }
    }
    return 0;
}

int on_invalid_frame(nghttp2_session*, nghttp2_frame const*, int error, void* user) {
    mux_of(user).fail(nghttp2_strerror(error));
    return 0;
}

int on_data_chunk(nghttp2_session*, std::uint8_t, std::int32_t id, std::uint8_t const* data,
                  std::size_t length, void* user) {
    mux_of(user).data(id, {reinterpret_cast<std::byte const*>(data), length});
    return 0;
}

int on_stream_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* user) {
    mux_of(user).closed(id);
    return 0;
}

int on_frame_send(nghttp2_session*, nghttp2_frame const* frame, void* user) {
    auto& mux = mux_of(user);
    if (frame->hd.type == NGHTTP2_DATA && ends_stream(frame)) {
        mux.end_sent(frame->hd.stream_id);
    } else if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR) {
        mux.fail(nghttp2_http2_strerror(frame->goaway.error_code));
    } else if (frame->hd.type == NGHTTP2_RST_STREAM) {
        // Ours are CANCEL and REFUSED_STREAM; another code is libnghttp2's word for a stream
        // error, and a peer that makes one is not a peer we go on with.
        auto const code = frame->rst_stream.error_code;
        if (code != NGHTTP2_CANCEL && code != NGHTTP2_REFUSED_STREAM && code != NGHTTP2_NO_ERROR)
            mux.fail(nghttp2_http2_strerror(code));
    }
    return 0;
}

int on_frame_not_send(nghttp2_session*, nghttp2_frame const* frame, int, void* user) {
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        mux_of(user).closed(frame->hd.stream_id);
    return 0;
}

}  // namespace

nghttp2_data_provider MuxCore::Parts::provider() noexcept {
    nghttp2_data_provider p{};
    p.read_callback = on_read;
    return p;
}

void CallbacksDeleter::operator()(nghttp2_session_callbacks* c) const noexcept {
    nghttp2_session_callbacks_del(c);
}

std::unique_ptr<nghttp2_session_callbacks, CallbacksDeleter> mux_callbacks() {
    nghttp2_session_callbacks* raw = nullptr;
    if (nghttp2_session_callbacks_new(&raw) != 0) throw std::bad_alloc();
    std::unique_ptr<nghttp2_session_callbacks, CallbacksDeleter> callbacks(raw);
    nghttp2_session_callbacks_set_send_data_callback(raw, on_send_data);
    nghttp2_session_callbacks_set_on_begin_headers_callback(raw, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(raw, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(raw, on_frame_recv);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(raw, on_invalid_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(raw, on_data_chunk);
    nghttp2_session_callbacks_set_on_stream_close_callback(raw, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(raw, on_frame_send);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(raw, on_frame_not_send);
    return callbacks;
}

}  // namespace adaos::link

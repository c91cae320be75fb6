#include "net/http_writer.hpp"

#include "base/bytes.hpp"

namespace adaos::net {
namespace {

/// A chunk up to this size is copied, so that its size, data and end are one write.
constexpr std::size_t most_copied = 64 * 1024;

Error mismatch() {
    return Error(HttpErrc::body_mismatch, "our own message");
}

}  // namespace

bool MessageWriter::complete() const noexcept {
    if (!started_ || failed_) return false;
    bool const nothing_left = framing_.kind == Framing::Kind::length && left_ == 0;
    return finished_ || body_ == Body::none || nothing_left || framing_.kind == Framing::Kind::none;
}

bool MessageWriter::account(std::size_t size) noexcept {
    if (framing_.kind == Framing::Kind::chunked || framing_.kind == Framing::Kind::until_close)
        return !finished_;
    if (size > left_) return false;  // none: nothing is left from the start
    left_ -= size;
    return true;
}

void MessageWriter::append(std::string& out, std::span<std::byte const> bytes) const {
    if (bytes.empty()) return;  // an empty chunk would be the last
    bool const chunked = framing_.kind == Framing::Kind::chunked;
    if (chunked) out += chunk_prefix(bytes.size());
    out += as_text(bytes);
    if (chunked) out += "\r\n";
}

Task<Result<void>> MessageWriter::send(std::span<std::byte const> bytes) {
    failed_ = true;  // also when cancelled half way
    auto sent = co_await stream_.write_all(bytes);
    if (sent) failed_ = false;
    co_return sent;
}

Task<Result<void>> MessageWriter::start(std::string head, Framing framing, Body body,
                                        std::span<std::byte const> first) {
    framing_ = framing;
    body_ = body;
    left_ = framing.kind == Framing::Kind::length ? framing.length : 0;
    finished_ = failed_ = false;
    started_ = true;
    if (body_ == Body::allowed) {
        if (!account(first.size())) {
            failed_ = true;
            co_return mismatch();
        }
        append(head, first);
    }
    co_return co_await send(as_bytes(head));
}

Task<Result<void>> MessageWriter::write(std::span<std::byte const> bytes) {
    if (!started_) co_return mismatch();
    if (bytes.empty() || body_ == Body::none) co_return Result<void>();
    if (!account(bytes.size())) co_return mismatch();
    if (framing_.kind != Framing::Kind::chunked) co_return co_await send(bytes);
    std::string wire;
    if (bytes.size() <= most_copied) {
        wire.reserve(bytes.size() + 16);
        append(wire, bytes);
        co_return co_await send(as_bytes(wire));
    }
    wire = chunk_prefix(bytes.size());
    auto sent = co_await send(as_bytes(wire));
    if (!sent) co_return sent;
    sent = co_await send(bytes);
    if (!sent) co_return sent;
    std::string_view const end = "\r\n";
    co_return co_await send(as_bytes(end));
}

Task<Result<void>> MessageWriter::finish(Fields trailers) {
    if (!started_ || left_ > 0) {
        if (body_ != Body::none || !started_) co_return mismatch();
    }
    if (finished_) co_return Result<void>();
    finished_ = true;
    if (framing_.kind != Framing::Kind::chunked || body_ == Body::none) co_return Result<void>();
    auto const wire = last_chunk(trailers);
    co_return co_await send(as_bytes(wire));
}

}  // namespace adaos::net

#include "net/http_reader.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstring>

namespace adaos::net {
namespace {

/// Most heads fit; an idle connection keeps no more than this.
constexpr std::size_t head_room = 4 * 1024;
constexpr std::size_t body_room = 16 * 1024;
/// A smaller buffer of the caller's is not worth a read of its own.
constexpr std::size_t least_straight = 4 * 1024;

}  // namespace

Task<Result<std::size_t>> MessageReader::fill(std::size_t room) {
    if (buffer_.size() < room) buffer_.resize(room);
    reading_ = true;
    auto const got = co_await stream_.read_some(buffer_);
    reading_ = false;
    if (!got) co_return got;
    rest_ = std::span<std::byte const>(buffer_).first(*got);
    co_return got;
}

Task<Result<MessageReader::Head>> MessageReader::step_head() {
    for (bool read = false;; read = true) {
        if (!rest_.empty()) {
            auto const used = parser_.put(rest_);
            if (!used) co_return broke(used.error());
            rest_ = rest_.subspan(*used);
        }
        if (parser_.head_done()) co_return Head::complete;
        if (read) co_return Head::partial;
        auto const got = co_await fill(head_room);
        if (got) continue;
        broken_ = true;
        if (got.error().code != boost::asio::error::eof) co_return got.error();
        auto const end = parser_.put_eof();
        if (!end) co_return end.error();
        co_return Head::none;
    }
}

/// Decodes buffered bytes until some of the body came out, or there is nothing left to decode.
Result<void> MessageReader::decode() {
    while (decoded_.empty() && !rest_.empty() && !parser_.done()) {
        auto const used = parser_.put(rest_);
        if (!used) return broke(used.error());
        rest_ = rest_.subspan(*used);
        decoded_ = parser_.body();
        passed_ += decoded_.size();
    }
    return {};
}

bool MessageReader::ready() {
    auto const decoded = decode();
    return !decoded || !decoded_.empty() || parser_.done();
}

/// Hands out what is buffered: many small chunks become one piece.
Result<std::size_t> MessageReader::take(std::span<std::byte> into) {
    std::size_t taken = 0;
    while (taken < into.size()) {
        auto const decoded = decode();
        if (!decoded && taken == 0) return decoded.error();  // else next time: the parser is dead
        if (!decoded || decoded_.empty()) break;
        auto const n = std::min(into.size() - taken, decoded_.size());
        std::memcpy(into.data() + taken, decoded_.data(), n);
        decoded_ = decoded_.subspan(n);
        taken += n;
    }
    return taken;
}

/// A body without chunks needs no buffer of ours: it is read to where it is wanted.
Task<Result<std::size_t>> MessageReader::read_straight(std::span<std::byte> into) {
    auto const framing = parser_.framing();
    if (framing.kind == Framing::Kind::length && into.size() > framing.length - passed_)
        into = into.first(static_cast<std::size_t>(framing.length - passed_));
    reading_ = true;
    auto const got = co_await stream_.read_some(into);
    reading_ = false;
    if (!got) co_return got;
    for (std::span<std::byte const> left = into.first(*got); !left.empty();) {
        auto const used = parser_.put(left);
        if (!used) co_return broke(used.error());
        left = left.subspan(*used);
    }
    passed_ += *got;
    co_return got;
}

Task<Result<std::size_t>> MessageReader::read_some(std::span<std::byte> into) {
    for (;;) {
        auto const taken = take(into);
        if (!taken || *taken > 0) co_return taken;
        if (parser_.done()) co_return std::size_t{0};
        bool const straight =
            parser_.framing().kind != Framing::Kind::chunked && into.size() >= least_straight;
        Result<std::size_t> got = std::size_t{0};
        if (straight) {
            got = co_await read_straight(into);
        } else {
            got = co_await fill(body_room);
        }
        if (got && straight) co_return got;
        if (got) continue;
        if (got.error().code != boost::asio::error::eof) co_return broke(got.error());
        auto const end = parser_.put_eof();
        if (!end) co_return broke(end.error());
        broken_ = true;  // a legal end, but of the connection
    }
}

Bytes MessageReader::take_rest() {
    Bytes rest(rest_.begin(), rest_.end());
    rest_ = {};
    Bytes().swap(buffer_);
    return rest;
}

void MessageReader::next() {
    parser_.next();
    decoded_ = {};
    passed_ = 0;
    if (rest_.empty() && buffer_.size() > head_room) Bytes().swap(buffer_);
}

}  // namespace adaos::net

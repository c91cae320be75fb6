/// Any bytes, cut anywhere: the codec never crashes, consumes no more than it was given, holds no
/// more than that, and reads back what the other role writes.

#include "net/ws_codec.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

using namespace adaos;
using namespace adaos::net;

namespace {

void check(bool ok) {
    if (!ok) std::abort();
}

void round_trip(WsCodec::Role writer, WsCodec::Role reader, std::span<std::byte const> payload) {
    payload = payload.first(std::min(payload.size(), max_ws_frame));
    WsCodec from(writer), to(reader);
    auto frame = from.data_frame(payload);
    auto const used = to.put({reinterpret_cast<std::byte*>(frame.data()), frame.size()});
    check(used.has_value() && *used == frame.size());
    check(std::equal(payload.begin(), payload.end(), to.payload().begin(), to.payload().end(),
                     [](std::byte a, char b) { return a == static_cast<std::byte>(b); }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size < 2) return 0;
    bool const server = (data[0] & 1) != 0;
    auto const ours = server ? WsCodec::Role::server : WsCodec::Role::client;
    auto const theirs = server ? WsCodec::Role::client : WsCodec::Role::server;
    std::size_t const step = 1 + data[1] % 64;
    std::vector<std::byte> input(size - 2);
    std::transform(data + 2, data + size, input.begin(),
                   [](std::uint8_t b) { return static_cast<std::byte>(b); });
    round_trip(theirs, ours, input);

    WsCodec codec(ours);
    std::span<std::byte> rest(input);
    while (!rest.empty() && !codec.closed()) {
        auto const piece = rest.first(std::min(step, rest.size()));
        auto const used = codec.put(piece);
        check(codec.payload().size() <= piece.size());
        if (!used) {
            check(codec.put(piece).has_error());
            (void)codec.close_frame(codec.failure());
            break;
        }
        check(*used > 0 && *used <= piece.size());
        codec.payload().clear();
        if (auto const ping = codec.take_ping()) check(codec.pong_frame(*ping).size() <= 131);
        rest = rest.subspan(*used);
    }
    return 0;
}

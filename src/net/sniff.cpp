#include "net/sniff.hpp"

#include "net/prefixed_stream.hpp"

#include <array>
#include <utility>

namespace adaos::net {
namespace {

constexpr std::byte tls_handshake_record{0x16};

}  // namespace

Task<Result<Sniffed>> sniff(StreamPtr stream) {
    // Room for a usual request head or ClientHello: it then takes one read, here or later.
    std::array<std::byte, 512> first;
    auto const n = co_await stream->read_some(first);
    if (!n) co_return with_context(n.error(), "first byte");
    Sniffed sniffed;
    sniffed.tls = first[0] == tls_handshake_record;
    Bytes seen(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(*n));
    sniffed.stream = make_prefixed(std::move(seen), std::move(stream));
    co_return sniffed;
}

}  // namespace adaos::net

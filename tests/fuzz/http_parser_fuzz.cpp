/// Any bytes, cut anywhere: the parser never crashes, never takes more than it was given, and what
/// it accepts can be written again and means the same.

#include "net/http_codec.hpp"

#include <cstdlib>

using namespace adaos;
using namespace adaos::net;

namespace {

void check(bool ok) {
    if (!ok) std::abort();
}

void again(RequestHead head, Framing framing) {
    if (head.fields.find("Host") == nullptr) head.fields.add("Host", "old");  // HTTP/1.0
    auto const wire = serialize(head, framing);
    check(wire.has_value());
    HttpParser parser(HttpParser::Role::request);
    auto const used = parser.put({reinterpret_cast<std::byte const*>(wire->data()), wire->size()});
    if (!used) {  // only because our spelling of the framing is longer
        check(used.error().code == HttpErrc::head_too_large);
        return;
    }
    check(*used == wire->size() && parser.head_done() && parser.framing() == framing);
    auto const same = parser.take_request();
    check(same.method == head.method && same.target == head.target);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size < 2) return 0;
    auto const role = (data[0] & 1) != 0 ? HttpParser::Role::request : HttpParser::Role::response;
    HttpParser parser(role);
    if ((data[0] & 2) != 0 && role == HttpParser::Role::response) parser.expect_no_body();
    std::size_t const step = 1 + data[1] % 64;
    std::span<std::byte const> rest(reinterpret_cast<std::byte const*>(data) + 2, size - 2);
    bool head_seen = false;
    while (!rest.empty()) {
        auto const piece = rest.first(std::min(step, rest.size()));
        auto const used = parser.put(piece);
        if (!used) return 0;
        check(*used <= piece.size() && (*used > 0 || parser.done()));
        check(parser.body().size() <= piece.size());
        if (parser.head_done() && !head_seen) {
            head_seen = true;
            if (role == HttpParser::Role::request)
                again(parser.take_request(), parser.framing());
            else
                (void)parser.take_response();
        }
        rest = rest.subspan(*used);
        if (parser.done()) {
            parser.next();
            head_seen = false;
        }
    }
    (void)parser.put_eof();
    return 0;
}

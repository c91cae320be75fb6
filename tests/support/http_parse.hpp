#pragma once
/// Parses one HTTP message in pieces of any size.

#include "base/bytes.hpp"
#include "net/http_codec.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace adaos::test {

using Role = net::HttpParser::Role;

struct Parsed {
    boost::system::error_code error;
    net::RequestHead request;
    net::ResponseHead response;
    net::Framing framing;
    std::string body, trailers, left;
    bool done = false, keep_alive = false;
};

/// Feeds `wire` in pieces of `chunk` bytes up to the end of one message.
inline Parsed parse(Role role, std::string const& wire, std::size_t chunk,
                    bool head_request = false) {
    net::HttpParser parser(role);
    if (head_request) parser.expect_no_body();
    Parsed out;
    std::size_t at = 0;
    while (at < wire.size() && !parser.done()) {
        auto piece = as_bytes(wire).subspan(at, std::min(chunk, wire.size() - at));
        auto const used = parser.put(piece);
        if (!used) {
            out.error = used.error().code;
            CHECK(parser.put(piece).has_error());  // it stays dead
            return out;
        }
        out.body += as_text(parser.body());
        at += *used;
    }
    if (!parser.done()) {
        auto const end = parser.put_eof();
        if (!end) out.error = end.error().code;
    }
    out.done = parser.done();
    if (!parser.head_done()) return out;
    out.framing = parser.framing();
    out.keep_alive = parser.keep_alive();
    for (auto const& f : parser.trailers().all()) out.trailers += f.name + '=' + f.value + ';';
    if (role == Role::request)
        out.request = parser.take_request();
    else
        out.response = parser.take_response();
    out.left = wire.substr(at);
    return out;
}

inline std::string get_with(std::string const& fields) {
    return "GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}
inline std::string post(std::string const& fields, std::string const& body) {
    return "POST /x HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + body;
}
inline constexpr std::size_t all = SIZE_MAX;

}  // namespace adaos::test

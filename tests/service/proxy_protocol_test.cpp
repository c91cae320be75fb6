#include "service/proxy_protocol.hpp"

#include <catch2/catch.hpp>

namespace adaos::proxy_protocol_test {

using namespace adaos::service;

// The layouts of haproxy's proxy-protocol.txt, section 2.2, written out by hand.

TEST_CASE("a PROXY header tells an IPv4 source", "[service][proxy]") {
    CHECK(to_hex(proxy_header("192.0.2.7")) ==
          "0d0a0d0a000d0a515549540a"
          "2111000c"
          "c0000207"
          "00000000"
          "00000000");
}

TEST_CASE("a PROXY header tells an IPv6 source", "[service][proxy]") {
    CHECK(to_hex(proxy_header("2001:db8::1")) ==
          "0d0a0d0a000d0a515549540a"
          "21210024"
          "20010db8000000000000000000000001"
          "00000000000000000000000000000000"
          "00000000");
}

TEST_CASE("a PROXY header for a source that nobody knows is LOCAL", "[service][proxy]") {
    CHECK(to_hex(proxy_header("")) == "0d0a0d0a000d0a515549540a20000000");
    CHECK(to_hex(proxy_header("unknown")) == "0d0a0d0a000d0a515549540a20000000");
}

}  // namespace adaos::proxy_protocol_test

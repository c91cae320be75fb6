#include "relay/forwarder.hpp"

#include <catch2/catch.hpp>

namespace adaos::clean_path_test {

using namespace adaos::relay;

TEST_CASE("an ordinary path is relayed as it is, escapes included", "[relay]") {
    auto const path = GENERATE("/", "/a", "/a/b/", "/hubs/sn_00000000/x%2Fy", "/a/.../b",
                               "/.well-known/x", "/a%20b", "/x;v=1/y", "/%C3%A4");
    CAPTURE(path);

    CHECK(is_clean_path(path));
}

TEST_CASE("a path that a server could read as leaving its prefix is refused", "[relay]") {
    auto const path =
        GENERATE("", "a", "//a", "/..", "/a/..", "/a/../b", "/./a", "/a/.", "/%2e%2e/a",
                 "/a/%2E./b", "/a/.%2e", "/..;x/a", "/a\\b", "/a b", "/a\x01", "/a#b", "/a\x7f");
    CAPTURE(path);

    CHECK_FALSE(is_clean_path(path));
}

}  // namespace adaos::clean_path_test

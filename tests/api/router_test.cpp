#include "api/router.hpp"
#include "api/query.hpp"

#include <catch2/catch.hpp>

namespace adaos::router_test {

using namespace adaos::api;

TEST_CASE("a pattern takes one part of a path for each of its names, and no more",
          "[api][router]") {
    CHECK(match_path("/v1/nodes/{name}/drain", "/v1/nodes/pi/drain") == PathParts{"pi"});
    CHECK(match_path("/v1/nodes", "/v1/nodes") == PathParts{});
    CHECK(match_path("/", "/") == PathParts{});
    auto const path = GENERATE(as<std::string>{}, "/v1/nodes", "/v1/nodes/", "/v1/nodes//drain",
                               "/v1/nodes/pi/drain/", "/v1/nodes/pi/drain/x", "/v1/nodes/a/b/drain",
                               "/v1/nodes/a%2Fb/drain", "/v2/nodes/pi/drain", "");
    CAPTURE(path);
    CHECK_FALSE(match_path("/v1/nodes/{name}/drain", path));
}

TEST_CASE("a part of a path is at most 128 bytes", "[api][router]") {
    CHECK(match_path("/{a}", "/" + std::string(128, 'x')));
    CHECK_FALSE(match_path("/{a}", "/" + std::string(129, 'x')));
}

TEST_CASE("a query's value is decoded, and one that is not there is absent", "[api][router]") {
    CHECK(query_value("a=1&b=x%20y+z&c", "b") == "x y z");
    CHECK(query_value("a=1&b=2", "a") == "1");
    CHECK(query_value("a=1&c", "c") == "");
    CHECK(query_value("a=%4", "a") == "%4");
    CHECK_FALSE(query_value("a=1", "b"));
    CHECK_FALSE(query_value("", "a"));
}

}  // namespace adaos::router_test

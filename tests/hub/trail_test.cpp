// What a hub may read of Root's audit trail.

#include "support/mesh.hpp"

#include <catch2/catch.hpp>

using namespace adaos;
using namespace adaos::test;

TEST_CASE("a hub does not read Root's whole trail, which is of other subnets, too",
          "[hub][audit]") {
    Mesh mesh;
    auto& hub = mesh.add_hub("alpha.test");

    auto const own = mesh.local(hub, {"GET", "/v1/audit", "", ""}).value();
    auto const roots = mesh.local(hub, {"GET", "/v1/audit?authority=root", "", ""}).value();

    CHECK(own.head.status == 200);
    CHECK(roots.head.status == 403);
}

// A list's query: what a route does not know is refused at once, at Root and hub, and not left out.
#include "hub/admin_world.hpp"

namespace adaos::filters_test {

using namespace adaos::test;

TEST_CASE("a list takes the filters that it knows, each once", "[hub][filters]") {
    AdminWorld world;
    struct Case {
        char const* path;
        unsigned refused;
    };
    for (auto const& c :
         {Case{"/v1/enrol/grants", 422}, Case{"/v1/audit", 422}, Case{"/v1/nodes", 400},
          Case{"/v1/nodes/join-tokens", 400}, Case{"/api/v1/admin/host-invites", 422},
          Case{"/api/v1/admin/hosts", 422}, Case{"/api/access/tokens", 422}}) {
        CAPTURE(c.path);
        std::string const path = c.path;
        bool const has_pages = path != "/api/access/tokens";
        for (auto const at_root : {true, false}) {
            auto const ask = [&](std::string const& query) {
                return at_root ? world.at_root("GET", path + query)
                               : world.at_hub("GET", path + query);
            };
            CHECK(ask("").head.status == 200);
            auto const unknown = ask("?nonsense=1");
            CHECK(unknown.head.status == c.refused);
            CHECK(unknown.body.find("nonsense") != std::string::npos);
            if (!has_pages) continue;
            CHECK(ask("?limit=1").head.status == 200);
            auto const twice = ask("?limit=1&limit=2");
            CHECK(twice.head.status == c.refused);
            CHECK(twice.body.find("limit") != std::string::npos);
            CHECK(ask("?cursor=zz").head.status == c.refused);
        }
    }
}

TEST_CASE("a filter of the trail that no row can fit is refused", "[hub][filters][audit]") {
    AdminWorld world;
    auto const grant = "/v1/enrol/grants/" + world.mint("node");
    CHECK(world.at_hub("GET", "/v1/audit?event=minted&limit=1").head.status == 200);
    CHECK(world.at_hub("GET", grant + "/audit?event=minted").head.status == 200);
    CHECK(world.at_hub("GET", grant + "?kind=node").head.status == 200);
    for (auto const& path :
         {std::string("/v1/audit?event=nonsense"), std::string("/v1/audit?node_id=edge-box"),
          std::string("/v1/audit?authority=mars"), grant + "/audit?grant_id=x",
          grant + "/redemptions?event=minted", grant + "?limit=1"}) {
        CAPTURE(path);
        CHECK(world.at_hub("GET", path).head.status == 422);
    }
    CHECK(world.at_hub("GET", grant + "/audit?kind=host").head.status == 404);
}

TEST_CASE("a hub asks Root's book with the same filters", "[hub][filters]") {
    AdminWorld world;
    CHECK(world.at_hub("GET", "/v1/enrol/grants?authority=root&limit=1").head.status == 200);
    CHECK(world.at_hub("GET", "/v1/enrol/grants?authority=root&nonsense=1").head.status == 422);
}

}  // namespace adaos::filters_test

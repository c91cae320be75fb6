// Which grants an order and an id may be about.
#include "hub/admin_world.hpp"

namespace adaos::grant_kind_test {

using namespace adaos::test;

TEST_CASE("who names a kind finds no grant of another one", "[hub][grants]") {
    AdminWorld world;
    auto const code = world.mint("member");
    auto const token = world.mint("node");
    auto const grant = [](std::string const& id, std::string const& below) {
        return "/v1/enrol/grants/" + id + below;
    };

    CHECK(world.at_hub("GET", grant(code, "?kind=node")).head.status == 404);
    CHECK(world.at_hub("GET", grant(code, "/redemptions?kind=node")).head.status == 404);
    CHECK(world.at_hub("DELETE", grant(code, "?kind=node")).head.status == 404);
    CHECK(json_at(world.at_hub("GET", grant(code, "")).body, "state") == "live");
    CHECK(world.at_hub("DELETE", grant(code, "?kind=other")).head.status == 422);
    CHECK(world.at_hub("GET", grant(token, "/redemptions?kind=node")).head.status == 200);
    CHECK(world.at_hub("DELETE", grant(token, "?kind=node")).head.status == 200);
    CHECK(json_at(world.at_hub("GET", grant(token, "")).body, "state") == "revoked");
}

TEST_CASE("Root makes no grant for a subnet that it does not know", "[hub][grants]") {
    AdminWorld world;
    struct Case {
        std::string path, body;
    };
    auto const c = GENERATE(
        Case{"/v1/enrol/grants", R"({"kind":"node","subnet_id":"sn_00000001"})"},
        Case{"/v1/enrol/grants", R"({"kind":"member","subnet_id":"sn_00000001"})"},
        Case{"/v1/nodes/join-tokens", R"({"subnet_id":"sn_00000001"})"},
        Case{"/api/v1/admin/host-invites", R"({"ttl_hours":1,"subnet_id":"sn_00000001"})"});
    CAPTURE(c.path);

    auto const answer = world.at_root("POST", c.path, c.body);

    CHECK(answer.head.status == 404);
    CHECK(json_at(answer.body, "code") == "ADAOS-R001");
    CHECK(json_at(world.at_root("GET", "/v1/enrol/grants?state=live").body, "data") == "[]");
}

}  // namespace adaos::grant_kind_test

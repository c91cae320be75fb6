// Heads of the answers that make something, and what a refusal names.
#include "hub/admin_world.hpp"

namespace adaos::created_test {

using namespace adaos::test;

namespace {

/// RFC 3986, 5.2, of paths alone.
std::string resolved(std::string base, std::string reference) {
    base.resize(base.rfind('/') + 1);
    while (reference.starts_with("../")) {
        reference.erase(0, 3);
        base.resize(base.rfind('/', base.size() - 2) + 1);
    }
    return base + reference;
}

}  // namespace

TEST_CASE("what makes a secret is not to be stored, and leads to what was made", "[hub][grants]") {
    AdminWorld world;
    struct Case {
        std::string path, body, id;
    };
    auto const subnet = world.of_subnet();
    auto const c =
        GENERATE_COPY(Case{"/v1/enrol/grants", "{\"kind\":\"node\"," + subnet + "}", "id"},
                      Case{"/v1/nodes/join-tokens", "{" + subnet + "}", "id"},
                      Case{"/api/v1/admin/host-invites", "{\"ttl_hours\":1," + subnet + "}", "id"},
                      Case{"/api/v1/admin/nodes",
                           "{\"name\":\"pi\",\"host\":\"pi.test\"," + subnet + "}", "node_id"});
    auto const server = GENERATE(as<std::string>{}, "root", "hub");
    CAPTURE(server, c.path);
    auto const ask = [&](auto const&... words) {
        return server == "root" ? world.at_root(words...) : world.at_hub(words...);
    };

    auto const made = ask("POST", c.path, c.body);
    CAPTURE(made.body);
    REQUIRE(made.head.status == 201);
    CHECK(header(made.head, "cache-control") == "no-store");
    auto const place = resolved(c.path, header(made.head, "location"));
    auto const found = ask("GET", place);

    CHECK(found.head.status == 200);
    CHECK(json_at(found.body, "id") == json_at(made.body, c.id));
    CHECK(header(found.head, "cache-control") == "no-store");
}

TEST_CASE("a code leads to its grant, in the hub's book or in Root's", "[hub][grants]") {
    AdminWorld world;
    auto const mode = GENERATE(as<std::string>{}, "local", "root");
    CAPTURE(mode);
    std::string const door = "/api/node/join-code";

    auto const made = world.at_hub("POST", door, "{\"mode\":\"" + mode + "\"}");
    REQUIRE(made.head.status == 201);
    auto const found = world.at_hub("GET", resolved(door, header(made.head, "location")));

    CHECK(header(made.head, "cache-control") == "no-store");
    CHECK(json_at(found.body, "id") == json_at(made.body, "grant_id"));
}

TEST_CASE("a Location leads to the hub when it was asked through Root", "[hub][grants]") {
    AdminWorld world;
    auto const token = world.mesh.make_token(world.hub, "admin");
    auto const door = "/hubs/" + world.hub.subnet_id + "/v1/nodes/join-tokens";

    auto const made = world.mesh.visit({"POST", door, token, "{}"}).value();
    REQUIRE(made.head.status == 201);
    auto const place = resolved(door, header(made.head, "location"));
    auto const found = world.mesh.visit({"GET", place, token}).value();

    CHECK(json_at(found.body, "id") == json_at(made.body, "id"));
}

TEST_CASE("an access token is not to be stored", "[hub][grants]") {
    AdminWorld world;

    auto const made =
        world.at_hub("POST", "/api/access/tokens", R"({"name":"x","scope":"view","ttl":"1d"})");

    REQUIRE(made.head.status == 201);
    CHECK(header(made.head, "cache-control") == "no-store");
}

TEST_CASE("who may not is told which scope would do", "[hub][grants]") {
    AdminWorld world;
    auto const view = world.mesh.make_token(world.hub, "view");
    auto const hub = "/hubs/" + world.hub.subnet_id;

    auto const admin = world.mesh.visit({"GET", hub + "/v1/enrol/grants", view}).value();
    auto const more = world.mesh.visit({"POST", hub + "/v1/nodes/pi/cordon", view}).value();
    auto const nobody = world.mesh.visit({"GET", hub + "/v1/enrol/grants"}).value();

    CHECK(admin.head.status == 403);
    CHECK(json_at(admin.body, "details.required") == "admin");
    CHECK(json_at(admin.body, "code") == "ADAOS-A002");
    CHECK(header(admin.head, "content-type") == "application/problem+json");
    CHECK(json_at(more.body, "details.required") == "operate");
    CHECK(nobody.head.status == 401);
    CHECK(json_at(nobody.body, "details").empty());
}

}  // namespace adaos::created_test

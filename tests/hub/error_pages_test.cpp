// Where `type` of a problem leads, asked of running servers by strangers.
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

namespace adaos::error_pages_test {

using namespace adaos::test;

namespace {

struct World {
    Mesh mesh;
    MeshNode& hub = mesh.add_hub("alpha.test");
    MeshNode& member = mesh.add_member("beta.test", hub);

    net::Reply ask(std::string const& server, std::string const& path) {
        if (server == "root") return mesh.visit({.path = path}).value();
        return mesh.local(server == "hub" ? hub : member, {.path = path}).value();
    }
};

}  // namespace

TEST_CASE("the type of a problem, resolved against what was asked, opens where it was answered",
          "[hub][errors]") {
    World world;
    auto const server = GENERATE(as<std::string>{}, "root", "hub", "member");
    CAPTURE(server);
    auto const problem = world.ask(server, "/nothing/here").body;

    auto const page = world.ask(server, json_at(problem, "type"));

    CHECK(json_at(problem, "type") == "/errors/" + json_at(problem, "code"));
    CHECK(page.head.status == 200);
    CHECK(header(page.head, "content-type") == "text/html; charset=utf-8");
    CHECK(page.body.find(json_at(problem, "code")) != std::string::npos);
    CHECK(world.ask(server, "/errors").head.status == 200);
}

TEST_CASE("strangers may read the pages of errors, also through Root", "[hub][errors]") {
    World world;
    auto const hub = "/hubs/" + world.hub.subnet_id;

    auto const page = world.mesh.visit({.path = hub + "/errors/ADAOS-A001"}).value();
    auto const list = world.mesh.visit({.path = hub + "/errors"}).value();

    CHECK(page.head.status == 200);
    CHECK(list.head.status == 200);
}

TEST_CASE("an id that no error has is not found, and says so as a problem", "[hub][errors]") {
    World world;
    auto const id = GENERATE(as<std::string>{}, "ADAOS-J999", "adaos-j004", "<script>");

    auto const answer = world.ask("root", "/errors/" + id);

    CHECK(answer.head.status == 404);
    CHECK(header(answer.head, "content-type") == "application/problem+json");
}

}  // namespace adaos::error_pages_test

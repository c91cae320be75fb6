// Root's own access tokens: four roles, each may what the ones before may and more.
#include "store/database.hpp"
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

namespace adaos::access_test {

using namespace adaos::test;

namespace {

struct World {
    net::Reply ask(std::string const& token, std::string method, std::string path,
                   std::string body = {}) {
        Ask asked{std::move(method), std::move(path), token, std::move(body)};
        if (!asked.body.empty()) asked.fields.add("Content-Type", "application/json");
        return mesh.visit(std::move(asked)).value();
    }
    unsigned status(std::string const& token, std::string method, std::string path,
                    std::string body = {}) {
        return ask(token, std::move(method), std::move(path), std::move(body)).head.status;
    }
    net::Reply create(std::string const& by, std::string const& name, std::string const& scope) {
        return ask(by, "POST", "/api/access/tokens",
                   R"({"name":")" + name + R"(","scope":")" + scope + R"("})");
    }
    std::string token(std::string const& scope) {
        return json_at(create(mesh.root_token(), "a " + scope, scope).body, "token");
    }

    Mesh mesh;
    MeshNode& hub = mesh.add_hub("alpha.test");
    std::string subnet = mesh.status(hub, "subnet_id");
};

}  // namespace

TEST_CASE("at Root viewer, developer, operator and admin may what their role says",
          "[root][access]") {
    World world;
    struct Row {
        char const* role;
        unsigned reads, cordons, mints, lists_tokens;
    };
    auto const row =
        GENERATE(Row{"viewer", 200, 403, 403, 403}, Row{"developer", 200, 403, 403, 403},
                 Row{"operator", 200, 200, 403, 403}, Row{"admin", 200, 200, 201, 200});
    CAPTURE(row.role);
    auto const token = world.token(row.role);
    REQUIRE(token.starts_with("adaos_at_"));

    auto const nodes = world.ask(token, "GET", "/v1/nodes");
    CHECK(nodes.head.status == row.reads);
    bool const in_full = nodes.body.find("\"scheduling\"") != std::string::npos;
    CHECK(in_full == (row.cordons == 200));  // what operators need, and no one else
    CHECK(world.status(token, "POST",
                       "/v1/nodes/" + json_at(nodes.body, "data.0.name") + "/cordon") ==
          row.cordons);
    auto const order = R"({"kind":"node","subnet_id":")" + world.subnet + R"("})";
    CHECK(world.status(token, "POST", "/v1/enrol/grants", order) == row.mints);
    CHECK(world.status(token, "GET", "/api/access/tokens") == row.lists_tokens);
    auto const fingerprint = R"({"fingerprint":"sha256:)" + std::string(64, 'a') + R"("})";
    CHECK(world.status(token, "POST", "/v1/bootstrap_token", fingerprint) == row.mints);
    auto const removal = world.status(token, "DELETE", "/v1/subnets/" + world.subnet);
    CHECK(removal == (row.mints == 201 ? 200 : 403));
}

TEST_CASE("a token of Root ends when it is revoked, and the trail names who did what",
          "[root][access]") {
    World world;
    // Its name is anybody's choice: this one would pass for Root's own.
    auto const first = world.create(world.mesh.root_token(), "root-token", "admin");
    auto const admin = json_at(first.body, "token");
    auto const made = world.create(admin, "helper", "viewer");
    REQUIRE(made.head.status == 201);
    auto const helper = json_at(made.body, "token");
    CHECK(world.status(helper, "GET", "/v1/nodes") == 200);

    auto const path = "/api/access/tokens/" + json_at(made.body, "id");
    CHECK(world.status(helper, "DELETE", path) == 403);
    CHECK(world.status("", "DELETE", path) == 401);
    CHECK(world.status(admin, "DELETE", path) == 200);
    CHECK(world.status(admin, "DELETE", path) == 200);
    CHECK(world.status(admin, "DELETE", "/api/access/tokens/none") == 404);

    CHECK(world.status(helper, "GET", "/v1/nodes") == 401);
    auto db = store::Database::open(world.mesh.root_database()).value();
    auto row = db.prepare(
        "SELECT group_concat(event || ' by ' || actor, ', ') FROM audit WHERE event LIKE "
        "'access_%'");
    REQUIRE(row.step().value());
    CHECK(row.text(0) == "access_created by root-token, access_created by " +
                             json_at(first.body, "id") + ":root-token, access_revoked by " +
                             json_at(first.body, "id") + ":root-token");
    // So who reads the trail finds the token.
    auto const listed = world.ask(world.mesh.root_token(), "GET", "/api/access/tokens").body;
    CHECK(json_at(listed, "tokens.1.id") == json_at(first.body, "id"));
}

TEST_CASE("Root keeps no token, only its hash", "[root][access]") {
    World world;
    auto const token = world.token("admin");
    auto db = store::Database::open(world.mesh.root_database()).value();
    auto row = db.prepare(
        "SELECT length(secret_hash), instr(hex(secret_hash), hex(?1)) FROM "
        "access_tokens");
    row.bind(1, token);
    REQUIRE(row.step().value());
    CHECK(row.integer(0) == 32);
    CHECK(row.integer(1) == 0);
}

}  // namespace adaos::access_test

// What is refused before a secret is judged is in the trail, counted.

#include "enrol/audit.hpp"
#include "enrol/pake.hpp"
#include "enrol/refusals.hpp"
#include "store/database.hpp"
#include "support/mesh.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace adaos::refused_test {

using namespace adaos::test;

namespace {

struct World {
    unsigned post(std::string path, std::string body) {
        return mesh.visit({"POST", std::move(path), "", std::move(body)}).value().head.status;
    }
    /// "actor detail" of the refusals in Root's trail.
    std::vector<std::string> refused() {
        Ask nodes{"GET", "/v1/nodes"};  // the store's thread is then done with what came before
        nodes.fields.add("X-Root-Token", mesh.root_token());
        REQUIRE(mesh.visit(std::move(nodes)).value().head.status == 200);
        auto db = store::Database::open(mesh.root_database()).value();
        enrol::AuditFilter filter;
        filter.event = "refused";
        filter.limit = 1000;
        std::vector<std::string> out;
        for (auto const& row : enrol::read_audit(db, filter).value())
            out.push_back(row.actor + " " + row.detail);
        std::reverse(out.begin(), out.end());
        CHECK(enrol::verify_audit(db).has_value());
        return out;
    }
    static std::string row(std::string const& reason, std::string const& door, int count = 1) {
        return std::string(Mesh::caller_host) + " reason=" + reason + " door=" + door +
               " count=" + std::to_string(count);
    }

    Mesh mesh;
};

}  // namespace

TEST_CASE("an order of the wrong form is in the trail with its door and its reason",
          "[hub][audit]") {
    World world;
    struct Case {
        std::string door, body, reason;
    };
    std::string const id = "\"node_id\":\"00000000-0000-4000-8000-000000000001\"";
    auto const c = GENERATE_COPY(
        Case{"/v1/subnets/join", "{", "bad-request"}, Case{"/v1/subnets/join", "{}", "code-blank"},
        Case{"/v1/subnets/join", "{\"code\":\"ABCD-EFGH\"}", "invalid-field"},
        Case{"/v1/subnets/join", "{\"code\":\"0O1I\"," + id + "}", "code-malformed"},
        Case{"/v1/subnets/join", "{\"code\":\"ABCD-EFGH\",\"csr_pem\":\"no\"," + id + "}",
             "csr-refused"},
        Case{"/v1/join/params", "[]", "bad-request"}, Case{"/v1/join/share", "{}", "invalid-field"},
        Case{"/v1/join/finish", "{}", "invalid-field"},
        Case{"/v1/nodes/join", "{}", "validation-failed"},
        Case{"/v1/enrol", "nothing", "bad-request"},
        Case{"/api/v1/hosts/register", "{}", "invalid-field"},
        Case{"/v1/subnets/register", "{}", "invalid-field"},
        Case{"/v1/enrol/recover", "{}", "invalid-field"},
        Case{"/v1/bootstrap_token", "{}", "root-token-wrong"});
    CAPTURE(c.door, c.body);

    auto const status = world.post(c.door, c.body);

    CHECK(status >= 400);
    CHECK(status < 500);
    CHECK(world.refused() == std::vector<std::string>{World::row(c.reason, c.door)});
}

TEST_CASE("who sends thousands of bad orders makes two rows a window", "[hub][audit]") {
    World world;
    for (int i = 0; i < 1000; ++i) world.post("/v1/subnets/join", "{");
    CHECK(world.refused().size() == 1);

    world.mesh.pass(enrol::refusal_window);
    CHECK(world.refused() ==
          std::vector<std::string>{World::row("bad-request", "/v1/subnets/join"),
                                   World::row("bad-request", "/v1/subnets/join", 999)});
    world.post("/v1/subnets/join", "{");
    CHECK(world.refused().size() == 3);
}

TEST_CASE("an attempt that is told to wait is in the trail", "[hub][audit]") {
    World world;
    std::string const body =
        R"({"code":"ABCD-EFGH","node_id":"00000000-0000-4000-8000-000000000001"})";
    int waits = 0;
    for (int i = 0; i < 12; ++i) waits += world.post("/v1/subnets/join", body) == 429 ? 1 : 0;
    enrol::PakeClient guess(Secret("ABCDEFGH"), world.mesh.random);
    CHECK(world.post("/v1/join/params", guess.params_body()) == 429);

    CHECK(waits == 7);
    CHECK(world.refused() ==
          std::vector<std::string>{World::row("code-throttled", "/v1/subnets/join"),
                                   World::row("code-throttled", "/v1/join/params")});
    world.mesh.pass(enrol::refusal_window);
    CHECK(world.refused().back() == World::row("code-throttled", "/v1/subnets/join", 6));
}

TEST_CASE("a bootstrap token that was tried too often is no part of the trail", "[hub][audit]") {
    World world;
    auto const path = "/api/v1/bootstrap/nodes/otx_boot_" + std::string(43, 'A') + "/script";
    int waits = 0;
    for (int i = 0; i < 8; ++i)
        waits += world.mesh.visit({"GET", path}).value().head.status == 429 ? 1 : 0;

    CHECK(waits == 3);
    CHECK(world.refused() == std::vector<std::string>{World::row(
                                 "code-throttled", "/api/v1/bootstrap/nodes/{token}/script")});
}

TEST_CASE("what was counted is written when Root stops", "[hub][audit]") {
    World world;
    for (int i = 0; i < 3; ++i) world.post("/v1/enrol", "{");
    world.mesh.stop_root();

    auto const db_rows = [&] {
        auto db = store::Database::open(world.mesh.root_database()).value();
        enrol::AuditFilter filter;
        filter.event = "refused";
        return enrol::read_audit(db, filter).value();
    }();
    REQUIRE(db_rows.size() == 2);
    CHECK(db_rows.front().detail == "reason=bad-request door=/v1/enrol count=2");
}

}  // namespace adaos::refused_test

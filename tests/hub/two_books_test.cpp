// A registered hub's grants are in two books: its own and its subnet's at Root.
#include "hub/admin_world.hpp"

#include "api/two_books.hpp"
#include "base/problem.hpp"

#include <set>

namespace adaos::two_books_test {

using namespace adaos::test;

namespace {

std::string mint_at(AdminWorld& world, std::string const& authority, std::string const& kind) {
    auto const made = world.at_hub("POST", "/v1/enrol/grants?authority=" + authority,
                                   "{\"kind\":\"" + kind + "\"}");
    REQUIRE(made.head.status == 201);
    return json_at(made.body, "id");
}

std::string one(std::string const& id, std::string const& below = {}) {
    return "/v1/enrol/grants/" + id + below + "?authority=all";
}

}  // namespace

TEST_CASE("a registered hub lists the grants of both its books, page by page", "[hub][grants]") {
    AdminWorld world;
    std::set<std::string> made;
    for (int i = 0; i < 3; ++i) {
        made.insert("local " + mint_at(world, "local", "member"));
        made.insert("root " + mint_at(world, "root", "node"));
    }
    auto const limit = GENERATE(1, 2, 3, 4, 5, 6, 7);
    CAPTURE(limit);

    std::set<std::string> listed;
    std::string cursor;
    int pages = 0;
    do {
        auto const page = world.at_hub(
            "GET", "/v1/enrol/grants?authority=all&state=live&limit=" + std::to_string(limit) +
                       (cursor.empty() ? "" : "&cursor=") + cursor);
        REQUIRE(page.head.status == 200);
        for (int i = 0; i < limit; ++i) {
            auto const at = "data." + std::to_string(i) + ".";
            auto const id = json_at(page.body, at + "id");
            if (id.empty()) break;
            CHECK(listed.insert(json_at(page.body, at + "authority") + " " + id).second);
        }
        cursor = json_at(page.body, "meta.next_cursor");
        if (cursor == "null") cursor.clear();
        REQUIRE(++pages < 10);
    } while (!cursor.empty());

    CHECK(listed == made);
}

TEST_CASE("a grant is found and ended in whichever book it is", "[hub][grants]") {
    AdminWorld world;
    auto const* const authority = GENERATE("local", "root");
    auto const id = mint_at(world, authority, "node");

    auto const shown = world.at_hub("GET", one(id));
    CHECK(shown.head.status == 200);
    CHECK(json_at(shown.body, "authority") == authority);
    CHECK(world.at_hub("GET", one(id, "/redemptions")).head.status == 200);
    auto const trail = world.at_hub("GET", one(id, "/audit"));
    CHECK(json_at(trail.body, "data.0.event") == "minted");
    auto const ended = world.at_hub("DELETE", one(id));
    CHECK(json_at(ended.body, "state") == "revoked");
    CHECK(json_at(ended.body, "authority") == authority);
    auto const nobodys = world.at_hub("GET", one("00000000-0000-4000-8000-000000000000"));
    CHECK(nobodys.head.status == 404);
}

TEST_CASE("what must be of one book is refused for both", "[hub][grants]") {
    AdminWorld world;
    for (auto const* const word : {"all", "", "both", "Root"}) {
        CAPTURE(word);
        auto const made = world.at_hub("POST", std::string("/v1/enrol/grants?authority=") + word,
                                       R"({"kind":"node"})");
        CHECK(made.head.status == 422);
        auto const trail = world.at_hub("GET", std::string("/v1/audit?authority=") + word);
        CHECK(trail.head.status == 422);
    }
    auto const token = world.at_hub("POST", "/v1/nodes/join-tokens?authority=root", "{}");
    CHECK(token.head.status == 400);
    auto const invite = world.at_hub("POST", "/api/v1/admin/host-invites?authority=root", "{}");
    CHECK(invite.head.status == 422);
    CHECK(json_at(world.at_hub("GET", "/v1/enrol/grants?authority=all").body, "data") == "[]");
}

TEST_CASE("without a link to Root the own book is still to be had, and the refusal says how",
          "[hub][grants]") {
    AdminWorld world;
    auto const mine = mint_at(world, "local", "node");
    auto const roots = mint_at(world, "root", "node");
    world.mesh.stop_root();
    world.mesh.pass(60s);

    auto const both = world.at_hub("GET", "/v1/enrol/grants?authority=all");
    CHECK(both.head.status == 502);
    CHECK(both.body.find("--local") != std::string::npos);
    auto const own = world.at_hub("GET", "/v1/enrol/grants?authority=local");
    CHECK(json_at(own.body, "data.0.id") == mine);
    CHECK(world.at_hub("GET", one(mine)).head.status == 200);
    CHECK(world.at_hub("GET", one(roots)).head.status == 502);
}

TEST_CASE("a hub without a Root and Root itself have one book", "[hub][grants]") {
    AdminWorld world;
    auto& alone = world.mesh.make_node("alone.test");
    world.mesh.start(alone);
    auto const token = world.mesh.control_token(alone);
    auto const made =
        world.mesh.local(alone, {"POST", "/v1/enrol/grants", token, R"({"kind":"node"})"}).value();

    auto const listed =
        world.mesh.local(alone, {"GET", "/v1/enrol/grants?authority=all", token, ""}).value();
    CHECK(json_at(listed.body, "data.0.id") == json_at(made.body, "id"));
    CHECK(world.at_root("GET", "/v1/enrol/grants?authority=all").head.status == 200);
}

TEST_CASE("what is no page of grants is not joined to one", "[hub][grants]") {
    auto const* const bad = GENERATE("", "[]", "{}", R"({"data":{}})", R"({"data":[1],"meta":{}})",
                                     R"({"data":[]})", R"({"data":[],"meta":[]})");
    std::string const page = R"({"data":[{"id":"a"}],"meta":{"next_cursor":null}})";
    CHECK(api::begin_pages(bad, 20).error().code == Problem::bad_answer);
    CHECK(api::end_pages(page, bad).error().code == Problem::bad_answer);
    auto const whole =
        api::end_pages(page, R"({"data":[{"id":"b"}],"meta":{"next_cursor":"b"}})").value();
    CHECK(json_at(whole, "data.1.authority") == "root");
    CHECK(json_at(whole, "meta.next_cursor") == "root-b");
}

}  // namespace adaos::two_books_test

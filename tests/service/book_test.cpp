#include "service/book.hpp"

#include "base/problem.hpp"
#include "store/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

namespace adaos::book_test {

using namespace adaos::service;

namespace {

struct World {
    test::TempFolder folder;
    identity::BaseDir dir = identity::BaseDir::open(folder.path()).value();

    static Service blog() { return {"blog", "http://127.0.0.1:3000", false, std::nullopt, false}; }
    static Service ssh() {
        return {"ssh", "tcp://127.0.0.1:22", false, enrol::Scope::operate, true};
    }
};

}  // namespace

TEST_CASE("what was added is there again, by name, and readable by nobody else", "[service]") {
    World world;

    REQUIRE(add(world.dir, World::ssh()).value() == Added::anew);
    REQUIRE(add(world.dir, World::blog()).value() == Added::anew);

    CHECK(load(world.dir).value() == std::vector<Service>{World::blog(), World::ssh()});
    auto const mode = std::filesystem::status(world.dir.services_json()).permissions();
    CHECK(mode == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("the same again is no fault, another under its name is", "[service]") {
    World world;
    REQUIRE(add(world.dir, World::blog()).has_value());
    auto other = World::blog();
    other.open = true;

    CHECK(add(world.dir, World::blog()).value() == Added::already_there);
    CHECK(add(world.dir, other).error().code == Problem::service_taken);
    CHECK(load(world.dir).value() == std::vector<Service>{World::blog()});
}

TEST_CASE("a node has 64 services and no more", "[service]") {
    World world;
    auto one = World::blog();
    for (std::size_t i = 0; i < max_services; ++i) {
        one.name = "s" + std::to_string(i);
        REQUIRE(add(world.dir, one).has_value());
    }

    CHECK(add(world.dir, World::blog()).error().code == Problem::services_full);
    CHECK(load(world.dir).value().size() == max_services);
}

TEST_CASE("a removed service is gone, an unknown one cannot be removed", "[service]") {
    World world;
    REQUIRE(add(world.dir, World::blog()).has_value());

    CHECK(remove(world.dir, "ssh").error().code == Problem::service_unknown);
    CHECK(remove(world.dir, "blog").has_value());
    CHECK(load(world.dir).value().empty());
    CHECK(remove(world.dir, "blog").error().code == Problem::service_unknown);
}

TEST_CASE("a damaged book is said, kept as it is, and what was read before it still holds",
          "[service]") {
    auto const text = GENERATE("", "{", "[]", "{\"services\":{}}", "{\"services\":[{}]}",
                               "{\"services\":[{\"name\":\"a\",\"target\":\"x\"}]}",
                               "{\"services\":[{\"name\":\"a\",\"target\":\"http://a\"},"
                               "{\"name\":\"a\",\"target\":\"http://a\"}]}",
                               "{\"services\":[{\"name\":\"a\",\"target\":\"http://a\",\"scope\":"
                               "\"all\"}]}");
    CAPTURE(text);
    World world;
    REQUIRE(add(world.dir, World::blog()).has_value());
    Book book(world.dir);
    REQUIRE(book.refresh().has_value());
    std::filesystem::remove(world.dir.services_json());
    std::ofstream(world.dir.services_json()) << text;

    CHECK(load(world.dir).error().code == Problem::state_damaged);
    CHECK(add(world.dir, World::ssh()).error().code == Problem::state_damaged);
    CHECK(book.refresh().has_error());
    CHECK(book.refresh().has_value());  // said once
    CHECK(book.find("blog") != nullptr);
}

TEST_CASE("a running node sees what commands change", "[service]") {
    World world;
    Book book(world.dir);
    REQUIRE(book.refresh().has_value());
    REQUIRE(book.find("blog") == nullptr);

    REQUIRE(add(world.dir, World::blog()).has_value());
    CHECK(book.refresh().has_value());
    CHECK(book.find("blog") != nullptr);
    REQUIRE(remove(world.dir, "blog").has_value());
    CHECK(book.refresh().has_value());
    CHECK(book.find("blog") == nullptr);
}

}  // namespace adaos::book_test

#include "node/join_journal.hpp"

#include "base/problem.hpp"
#include "store/atomic_file.hpp"
#include "support/seeded_random.hpp"
#include "support/temp_dir.hpp"
#include "support/test_clock.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

namespace adaos::join_journal_test {

using namespace adaos::node;

namespace {

struct World {
    test::TempDir folder;
    identity::BaseDir dir = *identity::BaseDir::open(folder.path() / "base");
    test::SeededRandom random;
    test::TestClock clock;
    Secret code{"ABCDEFGH"};
    std::string root = "https://root.example";

    Attempt begin() {
        auto const loaded = identity::plan_config(dir, random);
        REQUIRE(loaded.has_value());
        auto attempt = begin_attempt(dir, *loaded, root, code, clock, random);
        REQUIRE(attempt.has_value());
        return *attempt;
    }
    bool is_there(std::filesystem::path const& path) const { return std::filesystem::exists(path); }
};

}  // namespace

TEST_CASE("an attempt is on disk before it is made, and the code is not", "[node][join]") {
    World world;

    auto const attempt = world.begin();

    CHECK(!attempt.is_repeat);
    auto const text = **store::read_file(world.dir.join_journal());
    CHECK(text.find(attempt.journal.attempt_id) != std::string::npos);
    CHECK(text.find("ABCD") == std::string::npos);
    struct stat found {};
    REQUIRE(::stat(world.dir.join_journal().c_str(), &found) == 0);
    CHECK((found.st_mode & 0777U) == 0600);
    REQUIRE(::stat(world.dir.member_key().c_str(), &found) == 0);
    CHECK((found.st_mode & 0777U) == 0600);
    CHECK(!world.is_there(world.dir.node_yaml()));
}

TEST_CASE("the same join after a crash is the same attempt of the same node", "[node][join]") {
    World world;
    auto const first = world.begin();

    auto const second = world.begin();

    CHECK(second.is_repeat);
    CHECK(second.journal.attempt_id == first.journal.attempt_id);
    CHECK(second.journal.node_id == first.journal.node_id);
    CHECK(second.key.spki_sha256() == first.key.spki_sha256());
}

TEST_CASE("another code is another attempt, by the same node and key", "[node][join]") {
    World world;
    auto const first = world.begin();
    world.code = Secret("ABCDEFGJ");

    auto const second = world.begin();

    CHECK(!second.is_repeat);
    CHECK(second.journal.attempt_id != first.journal.attempt_id);
    CHECK(second.journal.node_id == first.journal.node_id);
    CHECK(second.key.spki_sha256() == first.key.spki_sha256());
}

TEST_CASE("an attempt is taken up again whatever was tried in between, by whatever address",
          "[node][join]") {
    World world;
    auto const first = world.begin();
    world.code = Secret("ABCDEFGJ");
    auto const typo = world.begin();
    if (GENERATE(true, false)) forget_attempt(world.dir, typo);  // it was refused
    world.code = Secret("ABCDEFGH");
    world.root = "https://the-same.example";

    auto const again = world.begin();

    CHECK(again.is_repeat);
    CHECK(again.journal.attempt_id == first.journal.attempt_id);
    CHECK(again.journal.root == first.journal.root);
    CHECK(again.key.spki_sha256() == first.key.spki_sha256());
}

TEST_CASE("eight attempts without an answer are remembered", "[node][join][limit]") {
    World world;
    std::vector<std::string> ids;
    auto const begin = [&](char symbol) {
        world.code = Secret(std::string("ABCDEFG") + symbol);
        return world.begin();
    };
    for (char const symbol : std::string("ABCDEFGHJ"))
        ids.push_back(begin(symbol).journal.attempt_id);

    CHECK(begin('B').journal.attempt_id == ids[1]);
    CHECK(begin('A').journal.attempt_id != ids[0]);
}

TEST_CASE("a forgotten attempt leaves nothing", "[node][join]") {
    World world;
    auto const attempt = world.begin();

    forget_attempt(world.dir, attempt);

    CHECK(!world.is_there(world.dir.join_journal()));
    CHECK(!world.is_there(world.dir.member_key()));
}

TEST_CASE("a key that was there before stays when the attempt is forgotten", "[node][join]") {
    World world;
    auto const key = pki::Key::make(pki::KeyType::p256);
    REQUIRE(store::write_file(world.dir.member_key(), key->to_pem().reveal(), store::Mode::secret)
                .has_value());

    auto const attempt = world.begin();
    forget_attempt(world.dir, attempt);

    CHECK(attempt.key.spki_sha256() == key->spki_sha256());
    CHECK(world.is_there(world.dir.member_key()));
}

TEST_CASE("a damaged journal or key is as good as none", "[node][join]") {
    World world;
    auto const first = world.begin();
    auto const& victim = GENERATE(true, false) ? world.dir.join_journal() : world.dir.member_key();
    REQUIRE(store::write_file(victim, "{\"attempt_id\":", store::Mode::secret).has_value());

    auto const second = world.begin();

    CHECK(!second.is_repeat);
    CHECK(second.journal.attempt_id != first.journal.attempt_id);
}

}  // namespace adaos::join_journal_test

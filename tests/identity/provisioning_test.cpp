#include "identity/provisioning.hpp"

#include "base/problem.hpp"
#include "identity/machine.hpp"
#include "store/atomic_file.hpp"
#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

namespace adaos::provisioning_test {

using namespace adaos::identity;

namespace {

struct World {
    test::TempDir folder;
    BaseDir dir = BaseDir::open(folder.path() / "base").value();
    Provisioning state() { return load_provisioning(dir).value().state; }
};

Problem problem_of(Error const& e) {
    return static_cast<Problem>(e.code.value());
}

}  // namespace

TEST_CASE("pause and resume move every provisioning as the table says", "[identity]") {
    using P = Provisioning;
    using C = ProvisioningCommand;
    struct Cell {
        P from;
        C command;
        std::optional<P> to;
    };
    auto const cell = GENERATE(
        Cell{P::unprovisioned, C::pause, {}}, Cell{P::unprovisioned, C::resume, {}},
        Cell{P::provisioned, C::pause, P::paused}, Cell{P::provisioned, C::resume, P::provisioned},
        Cell{P::paused, C::pause, P::paused}, Cell{P::paused, C::resume, P::provisioned},
        Cell{P::error, C::pause, {}}, Cell{P::error, C::resume, {}});
    CAPTURE(provisioning_name(cell.from));

    auto const next = next_provisioning(cell.from, cell.command);

    REQUIRE(next.has_value() == cell.to.has_value());
    if (cell.to)
        CHECK(*next == *cell.to);
    else
        CHECK(problem_of(next.error()) == Problem::node_state);
}

TEST_CASE("a node without the file is unprovisioned, and cannot be paused", "[identity]") {
    World world;

    CHECK(world.state() == Provisioning::unprovisioned);
    auto const paused = command_provisioning(world.dir, ProvisioningCommand::pause);

    CHECK(problem_of(paused.error()) == Problem::node_state);
    CHECK_FALSE(std::filesystem::exists(world.dir.provisioning_json()));
}

TEST_CASE("being taken in provisions a node once and ends no pause", "[identity]") {
    World world;
    CHECK(begin_provisioned(world.dir).value().state == Provisioning::provisioned);
    CHECK(command_provisioning(world.dir, ProvisioningCommand::pause).value().state ==
          Provisioning::paused);

    CHECK(begin_provisioned(world.dir).value().state == Provisioning::paused);
    CHECK(world.state() == Provisioning::paused);

    CHECK(command_provisioning(world.dir, ProvisioningCommand::resume).value().state ==
          Provisioning::provisioned);
    CHECK(world.state() == Provisioning::provisioned);
}

TEST_CASE("deprovisioning removes the file, twice as well as once", "[identity]") {
    World world;
    REQUIRE(begin_provisioned(world.dir).has_value());

    for (int i = 0; i < 2; ++i) {
        REQUIRE(store_provisioning(world.dir, {}).has_value());
        CHECK_FALSE(std::filesystem::exists(world.dir.provisioning_json()));
    }
    CHECK(world.state() == Provisioning::unprovisioned);
}

TEST_CASE("a damaged file is an error with a cause, never a node that takes work", "[identity]") {
    World world;
    auto const text = GENERATE("", "{", "[]", "{}", R"({"state":"unprovisioned"})",
                               R"({"state":"ready"})", R"({"state":7})");
    REQUIRE(
        store::write_file(world.dir.provisioning_json(), text, store::Mode::readable).has_value());

    auto const found = load_provisioning(world.dir);

    REQUIRE(found.has_value());
    CHECK(found->state == Provisioning::error);
    CHECK_FALSE(found->cause.empty());
    CHECK(begin_provisioned(world.dir).value().state == Provisioning::error);
}

TEST_CASE("the cause of an error is kept", "[identity]") {
    World world;
    ProvisioningState const broken{Provisioning::error, "no space for \"work\""};

    REQUIRE(store_provisioning(world.dir, broken).has_value());

    CHECK(load_provisioning(world.dir).value() == broken);
    struct stat info {};
    REQUIRE(::stat(world.dir.provisioning_json().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("architectures have two names, and others have none", "[identity]") {
    CHECK(architecture_word("x86_64") == "amd64");
    CHECK(architecture_word("aarch64") == "arm64");
    CHECK(architecture_word("riscv64").empty());
    auto const own = machine_architecture();
    CHECK((own.empty() || own == "amd64" || own == "arm64"));
}

}  // namespace adaos::provisioning_test

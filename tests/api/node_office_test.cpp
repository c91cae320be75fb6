#include "api/node_office.hpp"

#include "base/problem.hpp"
#include "support/manual_timers.hpp"
#include "support/run.hpp"
#include "support/seeded_random.hpp"
#include "support/temp_dir.hpp"
#include "support/test_clock.hpp"

#include <catch2/catch.hpp>

namespace adaos::node_office_test {

using namespace adaos::api;
using registry::Node;
using registry::Scheduling;

namespace {

constexpr char const* node_id = "00000000-0000-4000-8000-000000000001";

/// Links that are what a test says they are.
class FakeReach final : public NodeReach {
public:
    [[nodiscard]] bool is_connected(Node const&) const override { return connected; }
    [[nodiscard]] std::vector<Blocking> blocking(Node const&) const override {
        return {{"relayed_exchanges", exchanges}, {"jobs", 0}};
    }
    net::Task<Result<identity::ProvisioningState>> provision(
        Node, identity::ProvisioningCommand command) override {
        if (!connected) co_return Error(Problem::node_offline, "");
        auto const next = identity::next_provisioning(provisioning, command);
        if (!next) co_return next.error();
        provisioning = *next;
        co_return identity::ProvisioningState{provisioning, ""};
    }
    void cut_off(Node const& node) override { cut.push_back(node.node_id); }
    net::Task<std::optional<Result<void>>> pass_on(Node, NodeOrder) override { co_return passed; }

    bool connected = true;
    std::size_t exchanges = 0;
    identity::Provisioning provisioning = identity::Provisioning::provisioned;
    std::vector<std::string> cut;
    std::optional<Result<void>> passed;
};

struct World {
    World() {
        Node n;
        n.node_id = node_id;
        n.subnet_id = "sn_0000000a";
        n.role = "member";
        n.name = "pi";
        n.spki_sha256 = std::string(64, 'a');
        n.issued_by = "hub";
        n.created_at = n.updated_at = clock.wall();
        loop.run(desk.admit(std::move(n))).value();
    }
    store::Database open() const {
        auto db = store::Database::open(folder.path() / "nodes.db").value();
        db.migrate(registry::schema()).value();
        return db;
    }
    Node node() { return loop.run(desk.find_node(node_id)).value().value(); }
    Result<Node> order(NodeCommand command, NodeOrder::Force force = NodeOrder::Force::no) {
        return loop.run(office.carry_out(node(), NodeOrder{command, force, "ann"}));
    }
    /// The audit trail: "cordoned by ann; …".
    [[nodiscard]] std::string events() const {
        auto db = open();
        auto rows = db.prepare("SELECT event, actor FROM audit ORDER BY seq");
        std::string out;
        while (rows.step().value()) out += rows.text(0) + " by " + rows.text(1) + "; ";
        return out;
    }

    test::Loop loop;  // first: the desk's thread may still let go of it when an answer is there
    test::TempDir folder;
    test::TestClock clock;
    test::SeededRandom random{1};
    test::ManualTimers timers;
    Desk desk{open(), Bytes(32), clock, random, timers, {}, {}};
    FakeReach reach;
    NodeOffice office{desk, reach};
};

}  // namespace

TEST_CASE("commands that change a node are audited once each", "[api][nodes]") {
    World world;
    for (int i = 0; i < 2; ++i) {
        REQUIRE(world.order(NodeCommand::uncordon).has_value());  // nothing to do
        CHECK(world.order(NodeCommand::cordon).value().scheduling == Scheduling::cordoned);
        CHECK(world.order(NodeCommand::cordon).value().cordoned_by == "ann");
        CHECK(world.order(NodeCommand::uncordon).value().scheduling == Scheduling::open);
    }

    CHECK(world.events() ==
          "cordoned by ann; uncordoned by ann; cordoned by ann; uncordoned by ann; ");
}

TEST_CASE("pause and resume are the node's to carry out", "[api][nodes]") {
    World world;
    world.reach.connected = false;
    CHECK(world.order(NodeCommand::pause).error().code == Problem::node_offline);
    CHECK(world.node().provisioning == identity::Provisioning::unprovisioned);
    world.reach.connected = true;

    CHECK(world.order(NodeCommand::pause).value().provisioning == identity::Provisioning::paused);
    CHECK(world.node().provisioning == identity::Provisioning::paused);
    REQUIRE(world.order(NodeCommand::pause).has_value());
    REQUIRE(world.order(NodeCommand::resume).has_value());

    CHECK(world.node().provisioning == identity::Provisioning::provisioned);
    CHECK(world.events() == "paused by ann; resumed by ann; ");
    world.reach.provisioning = identity::Provisioning::unprovisioned;
    CHECK(world.order(NodeCommand::pause).error().code == Problem::node_state);
}

TEST_CASE("a node with work is not removed, unless forced", "[api][nodes]") {
    World world;
    world.reach.exchanges = 3;

    auto const refused = world.order(NodeCommand::remove);

    CHECK(refused.error().code == Problem::node_busy);
    CHECK(refused.error().context == "relayed_exchanges=3");
    CHECK(world.reach.cut.empty());
    CHECK_FALSE(world.node().removed_at);
    CHECK(world.order(NodeCommand::remove, NodeOrder::Force::yes).has_value());
    CHECK(world.reach.cut == std::vector<std::string>{node_id});
    CHECK(world.node().removed_at);
    CHECK(world.order(NodeCommand::remove, NodeOrder::Force::yes).error().code ==
          Problem::node_unknown);
    CHECK(world.events() == "removed by ann; ");
    CHECK(world.reach.cut.size() == 1);
}

TEST_CASE("a drain waits for the work and then leaves the node cordoned", "[api][nodes]") {
    World world;
    world.reach.exchanges = 1;
    CHECK(world.order(NodeCommand::drain).value().scheduling == Scheduling::draining);
    CHECK(world.loop.run(world.office.settle(world.node())).scheduling == Scheduling::draining);
    world.reach.exchanges = 0;

    CHECK(world.loop.run(world.office.settle(world.node())).scheduling == Scheduling::cordoned);

    CHECK(world.node().scheduling == Scheduling::cordoned);
    CHECK(world.node().cordoned_by == "ann");
    CHECK(world.loop.run(world.office.settle(world.node())).scheduling == Scheduling::cordoned);
    CHECK(world.order(NodeCommand::uncordon).value().scheduling == Scheduling::open);
}

TEST_CASE("a drain without work is done at once", "[api][nodes]") {
    World world;

    CHECK(world.order(NodeCommand::drain).value().scheduling == Scheduling::cordoned);
}

TEST_CASE("what another registry refuses changes nothing here", "[api][nodes]") {
    World world;
    world.reach.passed = Result<void>(Error(Problem::hub_offline, "hub of sn_0000000a"));

    for (auto const command : {NodeCommand::cordon, NodeCommand::pause, NodeCommand::remove})
        CHECK(world.order(command).error().code == Problem::hub_offline);

    CHECK(world.node().scheduling == Scheduling::open);
    CHECK_FALSE(world.node().removed_at);
    CHECK(world.events().empty());
}

TEST_CASE("a removal that another registry did is not asked twice", "[api][nodes]") {
    World world;
    world.reach.passed = Result<void>();
    world.reach.exchanges = 3;  // looked at over there

    CHECK(world.order(NodeCommand::remove).has_value());
    CHECK(world.node().removed_at);
}

TEST_CASE("a heartbeat that is refused changes nothing", "[api][nodes]") {
    World world;
    auto const beat = [&](char const* json) {
        return world.loop.run(
            world.desk.heartbeat(node_id, registry::heartbeat_from_json(json).value()));
    };
    REQUIRE(beat(R"({"architecture":"arm64"})").has_value());
    auto const before = world.node().last_seen_at;
    world.clock.advance(std::chrono::seconds(30));

    CHECK(beat(R"({"architecture":"amd64","agent_version":"2"})").error().code ==
          Problem::architecture_mismatch);

    CHECK(world.node().last_seen_at == before);
    CHECK(world.node().inventory.agent_version.empty());
}

}  // namespace adaos::node_office_test

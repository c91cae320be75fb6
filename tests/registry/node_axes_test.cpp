#include "registry/nodes.hpp"

#include "base/problem.hpp"

#include <catch2/catch.hpp>

namespace adaos::node_axes_test {

using namespace adaos::registry;
using namespace std::chrono_literals;

namespace {

constexpr char const* subnet = "sn_0000000a";
WallTime const start = from_millis(1'767'225'600'000);

std::string id(int number) {
    auto const digits = std::to_string(number);
    return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

struct World {
    store::Database db = open();
    Nodes nodes{db};

    static store::Database open() {
        auto db = store::Database::open(":memory:").value();
        db.migrate(schema()).value();
        return db;
    }
    Node admit(int number, std::string name, std::string in = subnet) {
        Node n;
        n.node_id = id(number);
        n.subnet_id = std::move(in);
        n.role = "member";
        n.name = std::move(name);
        n.spki_sha256 = std::string(64, 'a');
        n.issued_by = "hub";
        n.created_at = n.updated_at = start;
        return nodes.admit(std::move(n)).value();
    }
    Node at(int number) { return nodes.find(id(number)).value().value(); }
    Result<Node> schedule(int number, SchedulingCommand command, Work work = Work::none) {
        return nodes.schedule(id(number), command, work, start + 1min, "ann");
    }
    std::string status(int number, WallTime now) {
        return std::string(words(axes_of(at(number), false), now).status);
    }
};

Heartbeat said(std::string_view json) {
    return heartbeat_from_json(json).value();
}

Problem problem_of(Error const& e) {
    return static_cast<Problem>(e.code.value());
}

}  // namespace

TEST_CASE("nodes and tokens from before the axes are taken over", "[registry][axes]") {
    auto db = store::Database::open(":memory:").value();
    REQUIRE(db.migrate(schema().first(1)).has_value());
    REQUIRE(db.execute(
                  "INSERT INTO nodes (node_id, subnet_id, role, name, hostname, zone, spki_sha256,"
                  " issued_by, created_at, updated_at, first_hello_at, last_seen_at, removed_at)"
                  " VALUES ('a', 's', 'member', 'a', '', '', '', 'hub', 1, 1, NULL, NULL, NULL),"
                  " ('b', 's', 'member', 'b', '', '', '', 'hub', 1, 1, 2, 3, NULL),"
                  " ('c', 's', 'member', 'c', '', '', '', 'hub', 1, 1, 2, 3, 4);"
                  "INSERT INTO access_tokens (id, name, scope, secret_hash, created_at, expires_at)"
                  " VALUES ('t', 'n', 'operate', zeroblob(32), 1, 2)")
                .has_value());

    REQUIRE(db.migrate(schema()).has_value());

    Nodes nodes(db);
    CHECK(nodes.find("a").value()->enrolment == Enrolment::pending);
    CHECK(nodes.find("b").value()->enrolment == Enrolment::active);
    CHECK(nodes.find("c").value()->enrolment == Enrolment::deleted);
    CHECK(nodes.find("b").value()->provisioning == Provisioning::unprovisioned);
    auto token = db.prepare("SELECT scope FROM access_tokens WHERE id = 't'");
    REQUIRE(token.step().value());
    CHECK(token.text(0) == "operate");
    CHECK(db.execute("UPDATE access_tokens SET scope = 'developer'").has_value());
}

TEST_CASE("a node is pending until it is heard, and active from then on", "[registry][axes]") {
    World world;
    CHECK(world.admit(1, "pi").enrolment == Enrolment::pending);
    CHECK(world.at(1).provisioning == Provisioning::unprovisioned);
    CHECK(world.at(1).scheduling == Scheduling::open);

    REQUIRE(world.nodes.seen(id(1), start + 1s).has_value());

    CHECK(world.at(1).enrolment == Enrolment::active);
    CHECK(world.status(1, start + 2s) == "ready");
}

TEST_CASE("cordon while pending, then uncordon: still pending", "[registry][axes]") {
    World world;
    world.admit(1, "pi");

    CHECK(world.schedule(1, SchedulingCommand::cordon).value().cordoned_by == "ann");
    CHECK(world.at(1).cordoned_at == start + 1min);
    CHECK(world.status(1, start) == "cordoned");
    CHECK(world.schedule(1, SchedulingCommand::uncordon).value().cordoned_by.empty());

    CHECK_FALSE(world.at(1).cordoned_at);
    CHECK(world.status(1, start) == "pending");
}

TEST_CASE("a repeated cordon keeps its first time and actor", "[registry][axes]") {
    World world;
    world.admit(1, "pi");
    REQUIRE(world.schedule(1, SchedulingCommand::cordon).has_value());

    auto const again =
        world.nodes.schedule(id(1), SchedulingCommand::drain, Work::some, start + 1h, "bob");

    CHECK(again.value().scheduling == Scheduling::draining);
    CHECK(again.value().cordoned_at == start + 1min);
    CHECK(again.value().cordoned_by == "ann");
}

TEST_CASE("a removed node takes no command, and comes back as a new one", "[registry][axes]") {
    World world;
    world.admit(1, "pi");
    REQUIRE(world.nodes.seen(id(1), start).has_value());
    REQUIRE(world.schedule(1, SchedulingCommand::cordon).has_value());
    REQUIRE(world.nodes.remove(id(1), start + 1min).has_value());
    CHECK(world.at(1).enrolment == Enrolment::deleted);

    for (auto const command :
         {SchedulingCommand::cordon, SchedulingCommand::uncordon, SchedulingCommand::drain})
        CHECK(problem_of(world.schedule(1, command).error()) == Problem::node_unknown);
    CHECK(problem_of(world.nodes.heartbeat(id(1), {}, start).error()) == Problem::node_gone);
    CHECK(problem_of(world.nodes.remove(id(1), start).error()) == Problem::node_unknown);

    auto back = world.at(1);
    back.removed_at.reset();
    back.updated_at = start + 1h;
    back = world.nodes.admit(std::move(back)).value();
    CHECK(back.enrolment == Enrolment::pending);
    CHECK(back.scheduling == Scheduling::open);
    CHECK_FALSE(back.cordoned_at);
    CHECK(world.status(1, start + 1h) == "pending");
}

TEST_CASE("a heartbeat fills in what it says and leaves the rest", "[registry][axes]") {
    World world;
    world.admit(1, "pi");
    auto const first = said(R"({"architecture":"arm64","agent_version":"1.2",
        "advertised_endpoint":"https://pi:9443","migration_host":"pi",
        "migration_port_range_start":49152,"migration_port_range_end":49251,
        "labels":{"room":"garage"},"hardware":{"cpus":4},"provisioning":"provisioned"})");

    REQUIRE(world.nodes.heartbeat(id(1), first, start + 1s).has_value());
    auto const node = world.nodes.heartbeat(id(1), said(R"({"agent_version":"1.3"})"), start + 2s);

    REQUIRE(node.has_value());
    CHECK(node->enrolment == Enrolment::active);
    CHECK(node->provisioning == Provisioning::provisioned);
    CHECK(node->last_seen_at == start + 2s);
    auto wanted = first.inventory;
    wanted.agent_version = "1.3";
    CHECK(node->inventory == wanted);
    CHECK(node->updated_at == start);  // no change of membership
}

TEST_CASE("a heartbeat of another architecture is refused, and is no sign of life",
          "[registry][axes]") {
    World world;
    world.admit(1, "pi");
    REQUIRE(world.nodes.heartbeat(id(1), said(R"({"architecture":"arm64"})"), start).has_value());

    auto const other = said(R"({"architecture":"amd64","agent_version":"9"})");
    auto const refused = world.nodes.heartbeat(id(1), other, start + 1h);

    CHECK(problem_of(refused.error()) == Problem::architecture_mismatch);
    CHECK(world.at(1).last_seen_at == start);
    CHECK(world.at(1).inventory.agent_version.empty());
    CHECK(world.status(1, start + 91s) == "unreachable");
}

TEST_CASE("an unreachable node comes back by itself", "[registry][axes]") {
    World world;
    world.admit(1, "pi");
    REQUIRE(world.nodes.heartbeat(id(1), {}, start).has_value());
    CHECK(world.status(1, start + 10min) == "unreachable");

    REQUIRE(world.nodes.heartbeat(id(1), {}, start + 10min).has_value());

    CHECK(world.status(1, start + 10min) == "ready");
}

TEST_CASE("pages go through subnets and names, and end", "[registry][axes]") {
    World world;
    for (int i = 1; i <= 5; ++i) world.admit(i, "n" + std::to_string(i));
    world.admit(6, "a", "sn_0000000b");
    auto arm = world.at(2);
    REQUIRE(world.nodes.heartbeat(id(2), said(R"({"architecture":"arm64"})"), start).has_value());
    REQUIRE(world.nodes.remove(id(4), start).has_value());

    NodePage page;
    page.limit = 2;
    std::string names;
    for (;;) {
        auto const rows = world.nodes.page(page).value();
        if (rows.empty()) break;
        for (auto const& row : rows) names += row.name + " ";
        page.after_subnet = rows.back().subnet_id;
        page.after_name = rows.back().name;
    }
    CHECK(names == "n1 n2 n3 n5 a ");
    NodePage filtered;
    filtered.limit = 10;
    filtered.architecture = "arm64";
    CHECK(world.nodes.page(filtered).value().size() == 1);
    filtered.subnet_id = "sn_0000000b";
    CHECK(world.nodes.page(filtered).value().empty());
}

TEST_CASE("a name in two subnets needs the subnet", "[registry][axes]") {
    World world;
    world.admit(1, "pi");
    world.admit(2, "pi", "sn_0000000b");

    CHECK(world.nodes.named("pi", "").value().size() == 2);
    CHECK(world.nodes.named("pi", subnet).value().size() == 1);
    CHECK(world.nodes.named("po", "").value().empty());
}

TEST_CASE("a hub's word on a member is taken over, on others ignored", "[registry][axes]") {
    World world;
    world.admit(1, "pi");
    world.admit(2, "pa", "sn_0000000b");
    NodeReport report;
    report.axes = {
        Enrolment::active, Provisioning::paused, Scheduling::cordoned, true, start + 1s, false};
    report.cordoned_at = start;
    report.cordoned_by = "ann";
    report.architecture = "arm64";
    for (int i = 1; i <= 3; ++i) {
        report.node_id = id(i);
        REQUIRE(world.nodes.mirror(subnet, report).has_value());
    }

    auto const node = world.at(1);
    CHECK(node.provisioning == Provisioning::paused);
    CHECK(node.scheduling == Scheduling::cordoned);
    CHECK(node.cordoned_by == "ann");
    CHECK(node.last_seen_at == start + 1s);
    CHECK(node.inventory.architecture == "arm64");
    CHECK(world.at(2).enrolment == Enrolment::pending);
    CHECK_FALSE(world.nodes.find(id(3)).value());
}

TEST_CASE("a report means the same after its way over a link", "[registry][axes]") {
    World world;
    world.admit(1, "pi");
    REQUIRE(world.nodes.heartbeat(id(1), said(R"({"architecture":"arm64"})"), start).has_value());
    REQUIRE(world.schedule(1, SchedulingCommand::cordon).has_value());
    auto axes = axes_of(world.at(1), true);
    axes.posts = true;
    std::vector<NodeReport> reports{report_of(world.at(1), axes)};
    REQUIRE(world.nodes.remove(id(1), start + 1h).has_value());
    reports.push_back(report_of(world.at(1), axes_of(world.at(1), false)));

    auto const text = to_json(reports);
    auto const again = reports_from_json(text);

    REQUIRE(again.has_value());
    CHECK(to_json(*again) == text);
    CHECK(again->at(0).axes.connected);
    CHECK(again->at(0).axes.posts);
    CHECK_FALSE(again->at(1).axes.posts);
    CHECK(again->at(0).cordoned_at == start + 1min);
    CHECK(again->at(1).removed_at == start + 1h);
    for (auto const* bad : {"", "[]", "{}", R"({"nodes":{}})", R"({"nodes":[{}]})"})
        CHECK(reports_from_json(bad).has_error());
}

TEST_CASE("what a node says at its enrolment takes the place of what was known", "[registry]") {
    World world;
    world.admit(1, "a");
    Inventory said;
    said.architecture = "amd64";
    said.advertised_endpoint = "https://old";
    said.migration_host = "h";
    said.migration_port_start = 2000;
    said.migration_port_end = 2001;
    REQUIRE(world.nodes.describe(id(1), said).has_value());
    Inventory later;
    later.architecture = "arm64";
    later.advertised_endpoint = "https://new";
    auto const node = world.nodes.describe(id(1), later);

    REQUIRE(node.has_value());
    CHECK(node->inventory.architecture == "arm64");
    CHECK(node->inventory.advertised_endpoint == "https://new");
    CHECK(node->inventory.migration_host == "h");
    CHECK(node->inventory.migration_port_end == 2001);
    CHECK(world.nodes.describe(id(2), later).error().code == Problem::node_unknown);
}

TEST_CASE("a hub that never heard an agent does not make it unheard at Root", "[registry]") {
    World world;
    auto const node_before = world.admit(1, "a");
    auto const unheard = report_of(node_before, axes_of(node_before, false));
    REQUIRE(world.nodes.heartbeat(id(1), {}, start).has_value());
    REQUIRE(world.nodes.mirror(subnet, unheard).has_value());

    auto const node = world.nodes.find(id(1));
    CHECK((*node)->enrolment == Enrolment::active);
    CHECK((*node)->last_seen_at == start);
}

}  // namespace adaos::node_axes_test

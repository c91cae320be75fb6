/// Many processes with many threads each want the few uses of a grant, of each kind. ADAOS_ROUNDS
/// says how often: a number, or "full" for 200 of codes and 50 of tokens; 12 and 5 when it is not
/// set.

#include "enrol/world.hpp"
#include "registry/inventory.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace adaos::race_test {

using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

constexpr int processes = 8;
constexpr int disk_rounds = 5;

int rounds(int usual, int full) {
    auto const* const text = std::getenv("ADAOS_ROUNDS");
    if (text == nullptr || *text == '\0') return usual;
    if (std::string(text) == "full") return full;
    return std::max(1, std::atoi(text));
}

/// What is fought for, and by how many.
struct Contest {
    Kind kind = Kind::member;
    int uses = 1;
    int threads_each = 8;
    [[nodiscard]] int redeemers() const { return processes * threads_each; }
};
/// Those of one process.
using Orders = std::vector<RedeemOrder>;

/// How the tries of one process ended.
struct Tally {
    int won = 0, used = 0, other = 0;
};

/// One thread's try on a connection of its own: 1 won, 2 used, 3 anything else.
int try_once(std::filesystem::path const& path, RedeemOrder const& order, Clock const& clock) {
    SystemRandom random;
    auto const mac_key = test_mac_key();
    auto db = store::Database::open(path);
    if (db.has_error()) return 3;
    Grants grants(*db, mac_key, clock, random);
    Sign const sign = [](pki::Key const&, registry::Node const& node) -> Result<std::string> {
        return "certificate of " + node.node_id;
    };
    auto const done = grants.redeem(order, sign);
    if (done.has_value()) return done->replayed ? 3 : 1;
    auto const spent = order.kind == Kind::member ? Problem::code_used : Problem::grant_spent;
    return done.error().code == spent ? 2 : 3;
}

/// Runs in a child: opens nothing before the gate opens, tells the tally, ends without cleaning up
/// what belongs to the parent.
[[noreturn]] void child(int gate, int tell, std::filesystem::path const& path, Orders const& orders,
                        Clock const& clock) {
    char go = 0;
    while (read(gate, &go, 1) > 0) {  // the end of the pipe is the signal, for all at once
    }
    std::array<std::atomic<int>, 4> ends{};
    std::vector<std::thread> threads;
    for (auto const& order : orders)
        threads.emplace_back(
            [&] { ++ends[static_cast<std::size_t>(try_once(path, order, clock))]; });
    for (auto& t : threads) t.join();
    Tally const tally{ends[1], ends[2], ends[3]};
    bool const told = write(tell, &tally, sizeof tally) == sizeof tally;
    _exit(told ? 0 : 1);
}

Tally race(std::filesystem::path const& path, std::vector<Orders> const& orders,
           Clock const& clock) {
    std::array<int, 2> gate{}, tell{};
    REQUIRE(pipe(gate.data()) == 0);
    REQUIRE(pipe(tell.data()) == 0);
    std::vector<pid_t> children;
    for (auto const& mine : orders) {
        auto const pid = fork();
        REQUIRE(pid >= 0);
        if (pid == 0) {
            close(gate[1]);
            child(gate[0], tell[1], path, mine, clock);
        }
        children.push_back(pid);
    }
    close(gate[0]);
    close(tell[1]);
    close(gate[1]);  // go
    Tally all, one;
    while (read(tell[0], &one, sizeof one) == sizeof one) {
        all.won += one.won;
        all.used += one.used;
        all.other += one.other;
    }
    close(tell[0]);
    for (auto const pid : children) {
        int status = 0;
        CHECK(waitpid(pid, &status, 0) == pid);
        CHECK(status == 0);
    }
    return all;
}

std::string source_of(std::size_t redeemer) {
    return "192.0.2." + std::to_string(redeemer + 1);
}

/// A fresh grant of the kind, and what everybody asks of it. Nobody's connection to the store is
/// open when this returns: none crosses the fork.
std::pair<std::string, std::vector<Orders>> prepare(std::filesystem::path const& path,
                                                    Contest const& contest) {
    SystemRandom random;
    World world(path);
    Grants grants(world.db, world.mac_key, world.clock, random, {2, 1, 1});
    MintOrder order;
    order.kind = contest.kind;
    order.subnet_id = subnet_a;
    order.max_uses = contest.uses;
    if (contest.kind == Kind::bootstrap) {
        order.node_id = random.uuid();
        registry::InventoryItem item;
        item.node_id = order.node_id;
        item.subnet_id = subnet_a;
        item.host = "rack-" + item.node_id;
        item.created_at = world.clock.wall();
        item.created_by = "test";
        REQUIRE(registry::NodeInventory(world.db).add(item).has_value());
    }
    auto const minted = grants.mint(order);
    REQUIRE(minted.has_value());
    std::vector<Orders> all(processes);
    for (std::size_t i = 0; i < static_cast<std::size_t>(contest.redeemers()); ++i) {
        Machine const machine(random);  // who comes again with its key is the same node
        auto wish = World::order(minted->secret, machine, random.hex(16));
        wish.kind = contest.kind;
        wish.source = source_of(i);
        if (contest.kind != Kind::member) wish.node_id.clear();
        if (contest.kind == Kind::node) wish.node_name = "n-" + machine.node_id;
        all[i % processes].push_back(std::move(wish));
    }
    return {minted->id, std::move(all)};
}

/// Exactly `uses` won, and every table says so.
void check_outcome(std::filesystem::path const& path, Contest const& contest, Tally const& tally,
                   std::string const& grant_id, int round) {
    REQUIRE(tally.won == contest.uses);
    REQUIRE(tally.used == contest.redeemers() - contest.uses);
    REQUIRE(tally.other == 0);
    World world(path);
    CHECK(world.number("SELECT count(*) FROM nodes") == round * contest.uses);
    CHECK(world.number("SELECT count(*) FROM redemptions") == round * contest.uses);
    CHECK(world.number("SELECT uses FROM grants WHERE id = '" + grant_id + "'") == contest.uses);
    auto const uses = world.grants.redemptions(grant_id);
    REQUIRE(uses.has_value());
    std::set<std::string> nodes;
    std::set<std::string> sources;
    for (auto const& use : *uses) {
        nodes.insert(use.node_id);
        sources.insert(use.source);
        CHECK(use.source.starts_with("192.0.2."));
    }
    CHECK(uses->size() == static_cast<std::size_t>(contest.uses));
    CHECK(nodes.size() == uses->size());
    CHECK(sources.size() == uses->size());
}

/// `count` rounds on a fresh database below `folder`.
void run_rounds(std::filesystem::path const& folder, Contest const& contest, int count) {
    std::string name = (folder / "adaos-race-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    auto const path = std::filesystem::path(name) / "state.db";
    CAPTURE(name);
    TestClock const clock;
    for (int round = 1; round <= count; ++round) {
        CAPTURE(round);
        auto const [grant_id, orders] = prepare(path, contest);
        auto const tally = race(path, orders, clock);
        check_outcome(path, contest, tally, grant_id, round);
    }
    if (count > 0) {
        World world(path);
        CHECK(verify_audit(world.db).has_value());
        CHECK(world.number("SELECT count(*) FROM audit") ==
              std::int64_t{count} * (1 + contest.redeemers()));
    }
    std::filesystem::remove_all(name);
}

void hold(Contest const& contest, int count) {
    CAPTURE(policy_of(contest.kind).word);
    std::filesystem::path const memory = "/dev/shm";
    auto const disk = std::filesystem::temp_directory_path();
    bool const has_memory = access(memory.c_str(), W_OK) == 0;

    // A commit's fsync widens the windows on a disk but takes a second a round with 127 of them;
    // most rounds run where it is free.
    auto const on_disk = has_memory ? std::min(count / 4 + 1, disk_rounds) : count;
    run_rounds(disk, contest, on_disk);
    run_rounds(has_memory ? memory : disk, contest, count - on_disk);
}

}  // namespace

TEST_CASE("of 64 redeemers of one code in 8 processes exactly one wins, every time",
          "[enrol][race]") {
    hold({Kind::member}, rounds(12, 200));
}

TEST_CASE("of 64 redeemers of one token in 8 processes exactly one wins, whatever its kind",
          "[enrol][race]") {
    hold({GENERATE(Kind::node, Kind::host, Kind::bootstrap)}, rounds(5, 50));
}

TEST_CASE("a token for five admits five of forty in 8 processes, and lists where they came from",
          "[enrol][race]") {
    hold({Kind::node, 5, 5}, rounds(5, 50));
}

}  // namespace adaos::race_test

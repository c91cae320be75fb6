/// Many processes with many threads each want the one use of a code. ADAOS_ROUNDS says how often:
/// a number, or "full" for 200; 20 when it is not set.

#include "enrol/world.hpp"

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

using namespace adaos;
using namespace adaos::enrol;
using namespace adaos::enrol::test;

namespace {

constexpr int processes = 8;
constexpr int threads_each = 4;
constexpr int usual_rounds = 20;
constexpr int full_rounds = 200;
constexpr int disk_rounds = 5;

int rounds() {
    auto const* const text = std::getenv("ADAOS_ROUNDS");
    if (text == nullptr || *text == '\0') return usual_rounds;
    if (std::string(text) == "full") return full_rounds;
    return std::max(1, std::atoi(text));
}

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
    return done.error().code == Problem::code_used ? 2 : 3;
}

/// Runs in a child: opens nothing before the gate opens, tells the tally, ends without cleaning up
/// what belongs to the parent.
[[noreturn]] void child(int gate, int tell, std::filesystem::path const& path,
                        std::array<RedeemOrder, threads_each> const& orders, Clock const& clock) {
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

Tally race(std::filesystem::path const& path,
           std::array<std::array<RedeemOrder, threads_each>, processes> const& orders,
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

/// `count` rounds on a fresh database below `folder`; the same machines in each.
void run_rounds(std::filesystem::path const& folder, std::vector<Machine>& machines, int count) {
    std::string name = (folder / "adaos-race-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    auto const path = std::filesystem::path(name) / "state.db";
    CAPTURE(name);
    SystemRandom random;
    TestClock const clock;
    for (int round = 1; round <= count; ++round) {
        CAPTURE(round);
        std::array<std::array<RedeemOrder, threads_each>, processes> orders;
        std::string grant_id;
        {
            World world(path);  // closed before the fork: no connection crosses it
            Grants grants(world.db, world.mac_key, world.clock, random);
            MintOrder order;
            order.subnet_id = subnet_a;
            auto const minted = grants.mint(order);
            REQUIRE(minted.has_value());
            grant_id = minted->id;
            std::size_t next = 0;
            for (auto& mine : orders)
                for (auto& one : mine) {
                    auto& machine = machines[next++];
                    machine.node_id = random.uuid();
                    one = World::order(minted->secret, machine, random.hex(16));
                }
        }

        auto const tally = race(path, orders, clock);

        REQUIRE(tally.won == 1);
        REQUIRE(tally.used == processes * threads_each - 1);
        REQUIRE(tally.other == 0);
        World world(path);
        CHECK(world.number("SELECT count(*) FROM nodes") == round);
        CHECK(world.number("SELECT count(*) FROM redemptions") == round);
        CHECK(world.number("SELECT count(*) FROM redemptions WHERE grant_id = '" + grant_id +
                           "'") == 1);
        CHECK(world.number("SELECT uses FROM grants WHERE id = '" + grant_id + "'") == 1);
    }
    if (count > 0) {
        World world(path);
        CHECK(verify_audit(world.db).has_value());
        auto const rows = std::int64_t{count} * (1 + processes * threads_each);
        CHECK(world.number("SELECT count(*) FROM audit") == rows);
    }
    std::filesystem::remove_all(name);
}

}  // namespace

TEST_CASE("of 32 redeemers of one code in 8 processes exactly one wins, every time",
          "[enrol][race]") {
    SystemRandom random;
    std::vector<Machine> machines;  // keys and requests are made once: only the races count
    for (int i = 0; i < processes * threads_each; ++i) machines.emplace_back(random);
    std::filesystem::path const memory = "/dev/shm";
    auto const disk = std::filesystem::temp_directory_path();
    bool const has_memory = access(memory.c_str(), W_OK) == 0;
    auto const count = rounds();

    // A commit's fsync widens the windows on a disk but takes half a second a round with 63 of
    // them; most rounds run where it is free.
    auto const on_disk = has_memory ? std::min(count, disk_rounds) : count;
    run_rounds(disk, machines, on_disk);
    run_rounds(has_memory ? memory : disk, machines, count - on_disk);
}

#include "bench/enrol/yardsticks.hpp"

#include "base/problem.hpp"
#include "enrol/pake_verifier.hpp"
#include "store/database.hpp"

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace adaos::bench {
namespace {

/// The machine that the targets are about has two cores.
constexpr unsigned scrypt_threads = 2;

}  // namespace

Result<Rate> measure_scrypt(Millis at_least) {
    std::atomic<int> done{0};
    std::atomic<bool> failed{false};
    Stopwatch const watch;
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < scrypt_threads; ++i)
        threads.emplace_back([&] {
            std::array<std::byte, pki::spake_stretched_bytes> out{};
            while (watch.passed() < at_least) {
                auto const run =
                    pki::scrypt(Secret("ABCDEF"), std::span(out).first(16), enrol::code_cost, out);
                if (run.has_error()) failed = true;
                ++done;
            }
        });
    threads.clear();  // joins
    if (failed) return Error(Problem::internal, "scrypt");
    Rate rate;
    rate.add(done, watch.passed());
    return rate;
}

Result<Rate> measure_commits(std::filesystem::path const& folder, Millis at_least) {
    auto db = store::Database::open(folder / "yardstick.db");
    if (db.has_error()) return db.error();
    auto made = db->execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, v TEXT)");
    if (made.has_error()) return made.error();
    Rate rate;
    Stopwatch const watch;
    double commits = 0;
    for (; watch.passed() < at_least; ++commits) {
        auto const done = db->transaction<void>(
            [&] { return db->prepare("INSERT INTO t (v) VALUES ('a row')").run(); });
        if (done.has_error()) return done.error();
    }
    rate.add(commits, watch.passed());
    return rate;
}

}  // namespace adaos::bench

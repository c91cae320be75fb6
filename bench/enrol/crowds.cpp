#include "base/problem.hpp"
#include "bench/enrol/crowd.hpp"
#include "bench/enrol/root_server.hpp"
#include "bench/enrol/rounds.hpp"
#include "bench/enrol/yardsticks.hpp"
#include "store/atomic_file.hpp"

#include <iostream>

namespace adaos::bench {
namespace {

constexpr Millis yardstick_time{3000};
// Of the issue that asked for this bench.
constexpr double pake_share = 0.60;
constexpr double token_share = 0.70;
constexpr double token_p99_ms = 250;

Result<std::string> must_read(std::filesystem::path const& path) {
    auto const text = store::read_file(path);
    if (text.has_error()) return text.error();
    if (!*text) return Error(Problem::state_unreadable, path.string());
    return **text;
}

struct Measured {
    Rate scrypt, handshakes, commits;
    Outcome codes, tokens;
    double codes_cpu = 0, tokens_cpu = 0;  ///< seconds that Root's process took
};

Result<void> take(Result<Rate> const& slice, Rate& into) {
    if (slice.has_error()) return slice.error();
    into.add(slice->count, slice->time);
    return Result<void>();
}

void add_lines(Measured const& m, Report& report) {
    using Goal = Line::Goal;
    auto const lower = std::min(m.handshakes.per_second(), m.commits.per_second());
    auto& lines = report.lines;
    lines.push_back({"scrypt runs on two threads", "1/s", m.scrypt.per_second()});
    lines.push_back({"full TLS 1.3 handshakes", "1/s", m.handshakes.per_second()});
    lines.push_back({"SQLite's durable commits", "1/s", m.commits.per_second()});
    lines.push_back({"PAKE joins, 64 at once", "1/s", m.codes.rate.per_second(),
                     m.scrypt.per_second(), pake_share, Goal::at_least});
    lines.push_back({"PAKE join, p50", "ms", percentile(m.codes.all_ms, 0.5)});
    lines.push_back({"PAKE join, p99", "ms", percentile(m.codes.all_ms, 0.99)});
    lines.push_back({"Root's CPU time for a PAKE join", "ms",
                     1000 * m.codes_cpu / std::max(1.0, m.codes.rate.count)});
    lines.push_back({"token joins, 64 at once", "1/s", m.tokens.rate.per_second(), lower,
                     token_share, Goal::at_least});
    lines.push_back({"token join, p50", "ms", percentile(m.tokens.all_ms, 0.5)});
    lines.push_back({"token join, p99", "ms", percentile(m.tokens.all_ms, 0.99), 0, token_p99_ms,
                     Goal::at_most});
    lines.push_back({"Root's CPU time for a token join", "ms",
                     1000 * m.tokens_cpu / std::max(1.0, m.tokens.rate.count)});
    lines.push_back(
        {"its joiner's", "ms", 1000 * m.tokens.cpu / std::max(1.0, m.tokens.rate.count)});
    lines.push_back({"joins that failed", "", static_cast<double>(m.codes.errors + m.tokens.errors),
                     0, 0, Goal::at_most});
    for (auto const* const outcome : {&m.codes, &m.tokens})
        if (outcome->errors > 0) std::cerr << "the first failure: " << outcome->first_error << '\n';
}

}  // namespace

Result<void> run_crowds(Plan const& plan, Report& report) {
    root::RootDir const dir{plan.folder / "root"};
    if (auto ready = prepare_root(dir); ready.has_error()) return ready;
    if (auto hub = add_hub(dir); hub.has_error()) return hub;
    auto const server = RootServer::start(plan.binary, dir);
    if (server.has_error()) return server.error();
    auto& root = **server;
    auto const ca_pem = must_read(dir.ca_cert());
    auto const chain = must_read(dir.server_cert());
    auto const key = must_read(dir.server_key());
    if (!ca_pem || !chain || !key) return Error(Problem::internal, "Root's keys");
    net::TlsIdentity const identity{*chain, Secret(*key)};

    std::cerr << "minting " << plan.rounds * plan.codes << " codes and "
              << plan.rounds * plan.tokens << " tokens\n";
    auto const codes = mint_codes(dir, plan.rounds * plan.codes, "by-code-");
    if (codes.has_error()) return codes.error();
    auto const tokens = mint_tokens(dir, plan.rounds * plan.tokens, "by-token-");
    if (tokens.has_error()) return tokens.error();

    Measured m;
    for (std::size_t i = 0; i < plan.rounds; ++i) {
        std::cerr << "round " << i + 1 << " of " << plan.rounds << '\n';
        auto done = take(measure_handshakes(identity, *ca_pem, yardstick_time), m.handshakes);
        if (done) done = take(measure_commits(plan.folder, yardstick_time), m.commits);
        auto crowd = Crowd::make(*ca_pem);
        if (crowd.has_error()) return crowd.error();
        auto cpu = root.cpu_seconds();
        if (done)
            (*crowd)->run(join_by_token, root.url(),
                          std::span(*tokens).subspan(i * plan.tokens, plan.tokens), joiners,
                          m.tokens);
        m.tokens_cpu += root.cpu_seconds() - cpu;
        if (done) done = take(measure_scrypt(yardstick_time), m.scrypt);
        if (done.has_error()) return done;
        cpu = root.cpu_seconds();
        (*crowd)->run(join_by_code, root.url(),
                      std::span(*codes).subspan(i * plan.codes, plan.codes), joiners, m.codes);
        m.codes_cpu += root.cpu_seconds() - cpu;
    }
    add_lines(m, report);
    return Result<void>();
}

}  // namespace adaos::bench

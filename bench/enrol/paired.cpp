#include "base/problem.hpp"
#include "bench/enrol/crowd.hpp"
#include "bench/enrol/root_server.hpp"
#include "bench/enrol/rounds.hpp"
#include "bench/enrol/spent.hpp"
#include "store/atomic_file.hpp"

#include <iostream>

namespace adaos::bench {
namespace {

/// Of the issue that asked for this bench.
constexpr double most_slowdown = 1.10;
/// Joins before the first that counts: caches fill, statements are prepared.
constexpr std::size_t warm_up = 10;

/// A Root on its store, the tickets for it, and what its joiners saw.
struct Side {
    root::RootDir dir;
    std::vector<Ticket> codes, tokens;
    std::unique_ptr<RootServer> server;
    std::unique_ptr<Crowd> crowd;
    Outcome code_times, token_times;
};

Result<void> open_side(Plan const& plan, std::int64_t spent, Side& side) {
    if (auto ready = prepare_root(side.dir); ready.has_error()) return ready;
    if (auto hub = add_hub(side.dir); hub.has_error()) return hub;
    if (spent > 0) {
        std::cerr << "writing " << spent << " spent grants\n";
        if (auto filled = add_spent_grants(side.dir, spent); filled.has_error()) return filled;
    }
    auto codes = mint_codes(side.dir, plan.code_pairs + warm_up, "by-code-");
    if (codes.has_error()) return codes.error();
    auto tokens = mint_tokens(side.dir, plan.token_pairs + warm_up, "by-token-");
    if (tokens.has_error()) return tokens.error();
    side.codes = std::move(*codes);
    side.tokens = std::move(*tokens);
    Stopwatch const watch;
    auto server = RootServer::start(plan.binary, side.dir);
    if (server.has_error()) return server.error();
    std::cerr << "Root started in " << watch.passed().count() << " ms\n";
    side.server = std::move(*server);
    auto const ca_pem = store::read_file(side.dir.ca_cert());
    if (ca_pem.has_error() || !*ca_pem) return Error(Problem::internal, "Root's CA");
    auto crowd = Crowd::make(**ca_pem);
    if (crowd.has_error()) return crowd.error();
    side.crowd = std::move(*crowd);
    return Result<void>();
}

/// Pair after pair; who is first alternates.
void run_pairs(Join join, Side& empty, Side& full, std::vector<Ticket> Side::*tickets,
               Outcome Side::*times) {
    Outcome unseen;
    auto const one = [&](Side& side, std::size_t i) {
        auto const ticket = std::span<Ticket const>(side.*tickets).subspan(i, 1);
        side.crowd->run(join, side.server->url(), ticket, 1, i < warm_up ? unseen : side.*times);
    };
    for (std::size_t i = 0; i < (empty.*tickets).size(); ++i) {
        one(i % 2 == 0 ? empty : full, i);
        one(i % 2 == 0 ? full : empty, i);
    }
    (empty.*times).errors += unseen.errors;
    if ((empty.*times).first_error.empty()) (empty.*times).first_error = unseen.first_error;
}

void add_lines(std::string const& what, Outcome const& empty, Outcome const& full, Report& report) {
    auto const pairs = std::min(empty.calls_ms.size(), full.calls_ms.size());
    std::vector<double> ratios;
    for (std::size_t i = 0; i < pairs; ++i) ratios.push_back(full.calls_ms[i] / empty.calls_ms[i]);
    auto& lines = report.lines;
    lines.push_back({what + ", empty store, p50", "ms", percentile(empty.calls_ms, 0.5)});
    lines.push_back({what + ", spent grants, p50", "ms", percentile(full.calls_ms, 0.5)});
    lines.push_back({what + ", median of ratios", "", percentile(ratios, 0.5), 0, most_slowdown,
                     Line::Goal::at_most});
    auto const errors = static_cast<double>(empty.errors + full.errors);
    lines.push_back({what + ": failed", "", errors, 0, 0, Line::Goal::at_most});
    for (auto const* const outcome : {&empty, &full})
        if (outcome->errors > 0) std::cerr << "the first failure: " << outcome->first_error << '\n';
}

}  // namespace

Result<void> run_paired(Plan const& plan, Report& report) {
    Side empty{{plan.folder / "empty"}, {}, {}, {}, {}, {}, {}};
    Side full{{plan.folder / "full"}, {}, {}, {}, {}, {}, {}};
    if (auto open = open_side(plan, 0, empty); open.has_error()) return open;
    if (auto open = open_side(plan, plan.spent, full); open.has_error()) return open;
    std::cerr << "joining in pairs\n";
    run_pairs(join_by_token, empty, full, &Side::tokens, &Side::token_times);
    run_pairs(join_by_code, empty, full, &Side::codes, &Side::code_times);
    add_lines("token join", empty.token_times, full.token_times, report);
    add_lines("PAKE join's calls", empty.code_times, full.code_times, report);
    return Result<void>();
}

}  // namespace adaos::bench

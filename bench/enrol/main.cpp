/// bench_enrol: how fast Root lets machines in, against what the parts of a join allow here.
/// bench/README.md

#include "bench/enrol/rounds.hpp"

#include "base/problem.hpp"
#include "cli/process.hpp"

#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>

namespace {

using namespace adaos;

/// In one go; the folder is removed afterwards unless it is to be kept.
Result<bench::Report> measure(bench::Plan plan, bool keep) {
    auto const folder = plan.folder / ("run-" + std::to_string(::getpid()));
    plan.folder = folder;
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return Error(Problem::permission, folder.string() + ": " + failed.message());
    bench::Report report;
    auto done = bench::run_crowds(plan, report);
    if (done && plan.spent > 0) done = bench::run_paired(plan, report);
    if (!keep) std::filesystem::remove_all(folder, failed);
    if (done.has_error()) return done.error();
    return report;
}

}  // namespace

int main(int argc, char** argv) {
    cli::protect_process();
    auto const here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    bench::Plan plan;
    plan.binary = here / "adaos-root";
    plan.folder = here / "bench";
    std::string json_file;
    bool keep = false;
    CLI::App app("Joins per second at a Root on this machine, and what allows them");
    app.add_option("--root", plan.binary, "adaos-root to measure (default: beside this program)");
    app.add_option("--dir", plan.folder, "where the stores are made: a real disk, 4 GB free");
    app.add_option("--rounds", plan.rounds, "yardsticks and joins take turns so often");
    app.add_option("--codes", plan.codes, "PAKE joins of a round");
    app.add_option("--tokens", plan.tokens, "token joins of a round");
    app.add_option("--spent", plan.spent, "spent grants of the full store; 0 leaves that half out");
    app.add_option("--token-pairs", plan.token_pairs,
                   "token joins at the empty and the full store");
    app.add_option("--code-pairs", plan.code_pairs, "PAKE joins at the empty and the full store");
    app.add_option("--json", json_file, "write the figures there, too");
    app.add_flag("--keep", keep, "leave the stores and Root's logs");
    CLI11_PARSE(app, argc, argv);

    auto const report = measure(std::move(plan), keep);
    if (report.has_error()) {
        std::cerr << "bench_enrol: " << report.error().message() << '\n';
        return 2;
    }
    bench::print_table(*report, std::cout);
    if (!json_file.empty()) std::ofstream(json_file) << bench::to_json(*report);
    return report->is_met() ? 0 : 1;
}

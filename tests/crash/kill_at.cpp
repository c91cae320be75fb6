/// Kills a process before the N-th call that it makes to a file or a socket, or has the N-th call
/// to the disk below a folder fail; for N = 0 it only counts. The report has a line for each such
/// call (number, name, what it touches), and a last one: `killed`, or `ended` with the exit code,
/// or `let go`; `failed` before these when a call was made to fail.

#include "tracer.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace adaos::crash;

constexpr int usage_exit = 2;
constexpr char const* usage =
    "kill_at N REPORT COMMAND [ARG...]   starts the command\n"
    "kill_at N:EIO:FOLDER ...            or ENOSPC: of the calls that open, write, sync, rename\n"
    "                                    or make a file in FOLDER, the N-th one fails\n"
    "kill_at N REPORT --pid PID [STOP]   takes a running process, says `attached` on stdout, and\n"
    "                                    lets it go at SIGTERM; just before it kills, it stops\n"
    "                                    (SIGSTOP) the process STOP\n";

int complain(char const* what) {
    std::cerr << "kill_at: " << what << ": " << std::strerror(errno) << '\n';
    return usage_exit;
}

/// N, or N:ERROR:FOLDER.
struct Fate {
    long number = 0;
    int error = 0;       ///< 0: it dies
    std::string folder;  ///< whose calls are counted; empty: all
};

std::optional<Fate> parse_fate(std::string const& text) {
    Fate fate;
    fate.number = std::atol(text.c_str());
    auto const first = text.find(':');
    if (first == text.npos) return fate;
    auto const second = text.find(':', first + 1);
    if (second == text.npos) return std::nullopt;
    auto const name = text.substr(first + 1, second - first - 1);
    if (name != "EIO" && name != "ENOSPC") return std::nullopt;
    fate.error = name == "EIO" ? EIO : ENOSPC;
    fate.folder = text.substr(second + 1);
    return fate;
}

int run(Fate const& fate, std::ofstream& report, char* const* words) {
    bool const attaches = std::string_view(words[0]) == "--pid" && words[1] != nullptr;
    auto const to_stop = attaches && words[2] != nullptr ? std::atoi(words[2]) : 0;
    long number = 0;
    bool has_failed = false;
    Tracer tracer([&](Call const& call, std::string const& target) {
        if (fate.error != 0 && !(is_of_a_disk(call) && target.starts_with(fate.folder)))
            return Then{};
        ++number;
        report << number << '\t' << call.name << '\t' << target << '\n';
        if (number != fate.number) return Then{};
        has_failed = fate.error != 0;
        if (has_failed) return Then{Then::fail, fate.error};
        if (to_stop > 0) ::kill(to_stop, SIGSTOP);
        return Then{Then::kill};
    });
    if (attaches) {
        auto const process = static_cast<pid_t>(std::atoi(words[1]));
        if (!tracer.attach(process)) return complain("cannot trace it (kernel.yama.ptrace_scope?)");
        std::cout << "attached" << std::endl;
    } else if (!tracer.start(words)) {
        return complain("cannot start it");
    }
    auto const code = tracer.follow();
    if (has_failed) report << "failed\t";
    if (tracer.has_killed())
        report << "killed\n";
    else if (attaches && code == 0)
        report << "let go\n";
    else
        report << "ended\t" << code << '\n';
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::cerr << usage;
        return usage_exit;
    }
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    std::ofstream report(argv[2]);
    if (!report) return complain(argv[2]);
    auto const fate = parse_fate(argv[1]);
    if (!fate) {
        std::cerr << usage;
        return usage_exit;
    }
    return run(*fate, report, argv + 3);
}

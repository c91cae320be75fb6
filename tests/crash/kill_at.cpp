/// Kills a process before the N-th call that it makes to a file or a socket; for N = 0 it only
/// counts. The report has a line for each such call (number, name, what it touches), and a last
/// one: `killed`, or `ended` with the exit code, or `let go`.

#include "tracer.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string_view>

namespace {

using namespace adaos::crash;

constexpr int usage_exit = 2;
constexpr char const* usage =
    "kill_at N REPORT COMMAND [ARG...]   starts the command\n"
    "kill_at N REPORT --pid PID [STOP]   takes a running process, says `attached` on stdout, and\n"
    "                                    lets it go at SIGTERM; just before it kills, it stops\n"
    "                                    (SIGSTOP) the process STOP\n";

int complain(char const* what) {
    std::cerr << "kill_at: " << what << ": " << std::strerror(errno) << '\n';
    return usage_exit;
}

int run(long fatal, std::ofstream& report, char* const* words) {
    bool const attaches = std::string_view(words[0]) == "--pid" && words[1] != nullptr;
    auto const to_stop = attaches && words[2] != nullptr ? std::atoi(words[2]) : 0;
    long number = 0;
    Tracer tracer([&](Call const& call, std::string const& target) {
        ++number;
        report << number << '\t' << call.name << '\t' << target << '\n';
        if (number != fatal) return Then::go_on;
        if (to_stop > 0) ::kill(to_stop, SIGSTOP);
        return Then::kill;
    });
    if (attaches) {
        auto const process = static_cast<pid_t>(std::atoi(words[1]));
        if (!tracer.attach(process)) return complain("cannot trace it (kernel.yama.ptrace_scope?)");
        std::cout << "attached" << std::endl;
    } else if (!tracer.start(words)) {
        return complain("cannot start it");
    }
    auto const code = tracer.follow();
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
    return run(std::atol(argv[1]), report, argv + 3);
}

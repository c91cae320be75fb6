#include "tracer.hpp"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace adaos::crash {
namespace {

namespace fs = std::filesystem;

constexpr int syscall_stop = SIGTRAP | 0x80;  // PTRACE_O_TRACESYSGOOD
constexpr int signal_base = 128;

sigset_t awaited_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    return set;
}

/// ptrace wants small numbers in a pointer.
void* as_data(unsigned long number) {
    return reinterpret_cast<void*>(number);
}

#ifdef __x86_64__
constexpr std::size_t number_register = offsetof(user, regs.orig_rax);
constexpr std::size_t result_register = offsetof(user, regs.rax);
#else  // calls can be told and be died at, not be made to fail: the registers are elsewhere
constexpr std::size_t number_register = sizeof(user);
constexpr std::size_t result_register = sizeof(user);
#endif

bool set_register(pid_t thread, std::size_t offset, long value) {
    auto* const at = as_data(offset);
    return ::ptrace(PTRACE_POKEUSER, thread, at, as_data(static_cast<unsigned long>(value))) == 0;
}

/// Text at an address of the process, page by page, because the next page may not be there.
std::string read_text(pid_t process, std::uint64_t address) {
    constexpr std::size_t page = 4096;
    std::string text;
    std::array<char, page> part{};
    while (text.size() < page) {
        auto const from = address + text.size();
        iovec local{part.data(), page - from % page};
        iovec remote{reinterpret_cast<void*>(from), local.iov_len};
        auto const n = ::process_vm_readv(process, &local, 1, &remote, 1, 0);
        if (n <= 0) break;
        std::string_view const got(part.data(), static_cast<std::size_t>(n));
        text.append(got.substr(0, got.find('\0')));
        if (got.find('\0') != got.npos) break;
    }
    return text;
}

std::string what_is(pid_t process, std::uint64_t descriptor) {
    std::error_code failed;
    auto const link = "/proc/" + std::to_string(process) + "/fd/" + std::to_string(descriptor);
    return fs::read_symlink(link, failed).string();
}

/// Empty: nothing that is a file or a socket (a timer, an event, a closed descriptor).
std::string target_of(pid_t process, Call const& call, __ptrace_syscall_info const& info) {
    auto const& args = info.entry.args;
    std::string target;
    if (call.names == Names::nothing) return "new";
    if (call.names == Names::path) return read_text(process, args[0]);
    if (call.names == Names::path_after_folder) target = read_text(process, args[1]);
    bool const is_relative = !target.empty() && !target.starts_with('/');
    if (is_relative && static_cast<int>(args[0]) != AT_FDCWD)
        return what_is(process, args[0]) + "/" + target;
    if (target.empty()) target = what_is(process, args[0]);
    return target.starts_with("anon_inode:") ? std::string() : target;
}

}  // namespace

bool Tracer::seize(pid_t thread, unsigned long more_options) {
    auto const options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | more_options;
    if (::ptrace(PTRACE_SEIZE, thread, nullptr, as_data(options)) != 0) return false;
    threads_.insert(thread);
    return true;
}

bool Tracer::start(char* const* command) {
    std::array<int, 2> gate{};
    if (::pipe(gate.data()) != 0) return false;
    process_ = ::fork();
    if (process_ < 0) return false;
    if (process_ == 0) {
        ::close(gate[1]);
        char opened = 0;
        while (::read(gate[0], &opened, 1) < 0 && errno == EINTR) continue;
        ::close(gate[0]);
        auto const set = awaited_signals();
        sigprocmask(SIG_UNBLOCK, &set, nullptr);
        ::execvp(command[0], command);
        ::_exit(signal_base - 1);
    }
    ::close(gate[0]);
    bool const seized = seize(process_, PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
    if (!seized) ::kill(process_, SIGKILL);
    ::close(gate[1]);  // opens it
    return seized;
}

bool Tracer::attach(pid_t process) {
    process_ = process;
    is_counting_ = true;
    auto const folder = fs::path("/proc") / std::to_string(process) / "task";
    // A thread may be made while we look; those of a thread that is ours already are ours.
    for (std::size_t before = 1; before != threads_.size();) {
        before = threads_.size();
        std::error_code failed;
        for (auto const& entry : fs::directory_iterator(folder, failed)) {
            auto const thread = static_cast<pid_t>(std::atoi(entry.path().filename().c_str()));
            if (threads_.contains(thread)) continue;
            if (!seize(thread, 0) && errno != ESRCH) return false;
        }
        if (threads_.empty()) return false;
    }
    for (auto const thread : std::set<pid_t>(threads_)) {
        ::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
        int status = 0;
        if (::waitpid(thread, &status, __WALL) == thread) take(thread, status);
    }
    return true;
}

int Tracer::follow() {
    auto const set = awaited_signals();
    while (!threads_.empty()) {
        int status = 0;
        auto const thread = ::waitpid(-1, &status, __WALL | WNOHANG);
        if (thread > 0) {
            take(thread, status);
        } else if (thread < 0) {
            break;
        } else if (sigwaitinfo(&set, nullptr) == SIGTERM) {
            let_go();
        }
    }
    return exit_code_;
}

void Tracer::take(pid_t thread, int status) {
    if (WIFSTOPPED(status)) {
        threads_.insert(thread);
        take_stop(thread, status);
        return;
    }
    threads_.erase(thread);
    if (thread != process_) return;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : signal_base + WTERMSIG(status);
}

void Tracer::take_stop(pid_t thread, int status) {
    auto const event = status >> 16;
    int signal = WSTOPSIG(status);
    if (event == PTRACE_EVENT_EXEC) is_counting_ = true;
    if (event != 0) signal = 0;
    if (signal == syscall_stop) {
        signal = 0;
        if (!is_letting_go_) hear(thread);
    }
    if (has_killed_) return;  // it is dying: there is nothing to resume
    auto const data = as_data(static_cast<unsigned long>(signal));
    if (is_letting_go_) {
        ::ptrace(PTRACE_DETACH, thread, nullptr, data);
        threads_.erase(thread);
        return;
    }
    ::ptrace(is_counting_ ? PTRACE_SYSCALL : PTRACE_CONT, thread, nullptr, data);
}

/// A thread stands before or after a call.
void Tracer::hear(pid_t thread) {
    if (has_killed_) return;
    __ptrace_syscall_info info{};
    if (::ptrace(PTRACE_GET_SYSCALL_INFO, thread, as_data(sizeof info), &info) <= 0) return;
    if (info.op == PTRACE_SYSCALL_INFO_EXIT && failing_.contains(thread)) {
        set_register(thread, result_register, -failing_.at(thread));
        failing_.erase(thread);
    }
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY) return;
    auto const* const call = find_call(info.entry.nr);
    if (call == nullptr) return;
    auto const target = target_of(process_, *call, info);
    if (target.empty()) return;
    auto const then = on_call_(*call, target);
    // A thread that is killed before its call does not make it.
    if (then.what == Then::kill) has_killed_ = ::kill(process_, SIGKILL) == 0;
    if (then.what == Then::fail) fail(thread, then.error);
}

/// A call with a number that no call has is not made; what it returns is set when it is over.
void Tracer::fail(pid_t thread, int error) {
    if (set_register(thread, number_register, -1)) failing_[thread] = error;
}

void Tracer::let_go() {
    is_letting_go_ = true;
    for (auto const thread : threads_) ::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
}

}  // namespace adaos::crash

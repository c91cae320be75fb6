#pragma once
/// Follows a process with all its threads, tells of each call that touches a file or a socket
/// before it is made, and kills the process there, or has the call fail, when it is told to.
/// Processes that it forks are not followed. Linux only (ptrace).

#include "calls.hpp"

#include <sys/types.h>

#include <functional>
#include <map>
#include <set>
#include <string>

namespace adaos::crash {

struct Then {
    enum { go_on, kill, fail } what = go_on;
    int error = 0;  ///< fail: the call is not made, and returns this errno
};

class Tracer {
public:
    /// `target`: the path, or what the descriptor is: a path, socket:[7], pipe:[7].
    using OnCall = std::function<Then(Call const& call, std::string const& target)>;

    /// SIGCHLD and SIGTERM must be blocked in every thread, and stay so.
    explicit Tracer(OnCall on_call) : on_call_(std::move(on_call)) {}
    Tracer(Tracer const&) = delete;

    /// Starts a command (null-terminated); its calls count from its first instruction on. It dies
    /// with the tracer. False: errno says why.
    [[nodiscard]] bool start(char* const* command);
    /// Takes a running process; when this returns, every call from then on counts.
    [[nodiscard]] bool attach(pid_t process);

    /// Until the process has ended, or SIGTERM: then it runs on by itself.
    /// Returns its exit code, 128 + n for signal n; 0 when it runs on.
    int follow();

    [[nodiscard]] bool has_killed() const noexcept { return has_killed_; }

private:
    void fail(pid_t thread, int error);
    bool seize(pid_t thread, unsigned long more_options);
    void take(pid_t thread, int status);
    void take_stop(pid_t thread, int status);
    void hear(pid_t thread);
    void let_go();

    OnCall on_call_;
    pid_t process_ = 0;
    std::set<pid_t> threads_;
    std::map<pid_t, int> failing_;  ///< threads in a call that is not made, and its errno
    bool is_counting_ = false;
    bool is_letting_go_ = false;
    bool has_killed_ = false;
    int exit_code_ = 0;
};

}  // namespace adaos::crash

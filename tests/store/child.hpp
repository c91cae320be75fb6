#pragma once
/// A second process, for what only a second process can show.

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <stdexcept>

namespace adaos::test {

class Child {
public:
    /// Runs `body` in a child, which exits with what it returns.
    explicit Child(std::function<int()> const& body) : pid_(::fork()) {
        if (pid_ < 0) throw std::runtime_error("fork");
        if (pid_ == 0) ::_exit(body());
    }
    Child(Child&& other) noexcept : pid_(other.pid_) { other.pid_ = -1; }
    ~Child() {
        if (pid_ < 0) return;
        kill();
        wait();
    }
    void kill() const { ::kill(pid_, SIGKILL); }
    /// Its exit code, or minus the signal that ended it.
    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

private:
    pid_t pid_;
};

/// Gives up root for good, so that modes count; true when this process may not override them.
inline bool become_nobody() {
    constexpr unsigned nobody = 65534;
    return ::geteuid() != 0 || (::setgid(nobody) == 0 && ::setuid(nobody) == 0);
}

}  // namespace adaos::test

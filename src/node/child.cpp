#include "node/child.hpp"

#include "base/problem.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace adaos::node {
namespace {

/// How long a child may take over SIGTERM before SIGKILL.
constexpr std::chrono::seconds end_grace{6};

Error os_error(std::string what) {
    return Error(boost::system::error_code(errno, boost::system::system_category()),
                 std::move(what));
}

/// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become(std::vector<char*> const& argv, std::vector<char*> const& env,
                         int output) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    int const nothing = ::open("/dev/null", O_RDONLY);
    if (nothing >= 0) ::dup2(nothing, STDIN_FILENO);
    ::setpgid(0, 0);  // Ctrl-C is the parent's to handle
    ::execve(argv[0], argv.data(), env.data());
    ::_exit(127);
}

Result<int> spawn(std::vector<std::string> argv, Variables const& extra, int output) {
    std::vector<std::string> variables;
    for (char** at = environ; *at != nullptr; ++at)
        if (std::strncmp(*at, "ADAOS_", 6) != 0) variables.emplace_back(*at);
    for (auto const& [name, value] : extra) variables.push_back(name + "=" + value);
    std::vector<char*> args;
    for (auto& a : argv) args.push_back(a.data());
    args.push_back(nullptr);
    std::vector<char*> env;
    for (auto& v : variables) env.push_back(v.data());
    env.push_back(nullptr);
    auto const pid = ::fork();
    if (pid < 0) return os_error("fork");
    if (pid == 0) become(args, env, output);
    return pid;
}

}  // namespace

Result<Child> Child::start(std::vector<std::string> const& argv, Variables const& env,
                           std::filesystem::path const& log_file) {
    int const log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log < 0) return os_error(log_file.string());
    auto const pid = spawn(argv, env, log);
    ::close(log);
    if (!pid) return pid.error();
    return Child(*pid);
}

Child& Child::operator=(Child&& other) noexcept {
    if (this != &other) {
        end();
        pid_ = std::exchange(other.pid_, -1);
    }
    return *this;
}

Child::~Child() {
    end();
}

bool Child::running() {
    if (pid_ < 0) return false;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == 0) return true;
    pid_ = -1;
    return false;
}

void Child::ask_to_end() noexcept {
    if (pid_ > 0) ::kill(pid_, SIGTERM);
}

void Child::end() noexcept {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    auto const until = std::chrono::steady_clock::now() + end_grace;
    while (std::chrono::steady_clock::now() < until) {
        if (::waitpid(pid_, nullptr, WNOHANG) != 0) {
            pid_ = -1;
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

Result<Finished> run_command(std::vector<std::string> const& argv, Variables const& env,
                             std::chrono::seconds limit) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return os_error("pipe");
    auto const pid = spawn(argv, env, pipe[1]);
    ::close(pipe[1]);
    if (!pid) {
        ::close(pipe[0]);
        return pid.error();
    }
    Finished done;
    auto const until = std::chrono::steady_clock::now() + limit;
    bool late = false;
    for (;;) {
        auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        pollfd wait{pipe[0], POLLIN, 0};
        if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) == 0) {
            late = true;
            ::kill(*pid, SIGKILL);
            break;
        }
        std::array<char, 4096> buffer{};
        auto const n = ::read(pipe[0], buffer.data(), buffer.size());
        if (n <= 0) break;
        done.output.append(buffer.data(), static_cast<std::size_t>(n));
    }
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(*pid, &status, 0);
    if (late) return Error(Problem::timed_out, argv[0]);
    done.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return done;
}

}  // namespace adaos::node

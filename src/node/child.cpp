#include "node/child.hpp"

#include "base/problem.hpp"
#include "node/interrupts.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace adaos::node {
namespace {

using std::chrono::milliseconds;

/// How long a child may take over SIGTERM before SIGKILL.
constexpr std::chrono::seconds end_grace{6};
/// How late a caught signal is seen at worst: one that comes just before poll() does not wake it.
constexpr milliseconds look_step{100};
/// What fits into a pipe whose reader has not begun.
constexpr std::size_t max_input = 4096;

Error os_error(std::string what) {
    return Error(boost::system::error_code(errno, boost::system::system_category()),
                 std::move(what));
}

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() { close(); }
    [[nodiscard]] int number() const noexcept { return fd_; }
    void close() noexcept {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

private:
    int fd_;
};

struct Pipe {
    Descriptor read_end, write_end;
    static Result<Pipe> make() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) return os_error("pipe");
        return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    }
};

/// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become(std::vector<char*> const& argv, std::vector<char*> const& env, int input,
                         int output) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::dup2(input, STDIN_FILENO);
    ::setpgid(0, 0);  // Ctrl-C is the parent's to handle
    ::execve(argv[0], argv.data(), env.data());
    ::_exit(127);
}

Result<int> spawn(std::vector<std::string> argv, int input, int output) {
    std::vector<char*> args;
    for (auto& a : argv) args.push_back(a.data());
    args.push_back(nullptr);
    std::vector<char*> env;
    for (char** at = environ; *at != nullptr; ++at)
        if (std::strncmp(*at, "ADAOS_", 6) != 0) env.push_back(*at);
    env.push_back(nullptr);
    auto const pid = ::fork();
    if (pid < 0) return os_error("fork");
    if (pid == 0) become(args, env, input, output);
    return pid;
}

/// waitpid, again after a signal.
int wait_for(int pid, int options) {
    int status = 0;
    int done = 0;
    do done = ::waitpid(pid, &status, options);
    while (done < 0 && errno == EINTR);
    return done == 0 ? -1 : status;
}

/// Waits for a process that was asked to end; kills it when it takes too long.
void see_off(int pid) noexcept {
    auto const until = std::chrono::steady_clock::now() + end_grace;
    while (std::chrono::steady_clock::now() < until) {
        if (wait_for(pid, WNOHANG) != -1) return;
        std::this_thread::sleep_for(milliseconds(5));
    }
    ::kill(pid, SIGKILL);
    (void)wait_for(pid, 0);
}

/// Everything up to the end of the output. Errors: timed_out, interrupted.
Result<std::string> read_all(int fd, std::chrono::steady_clock::time_point until) {
    std::string out;
    for (;;) {
        if (caught_signal() != 0) return Error(Problem::interrupted);
        auto const left =
            std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) return Error(Problem::timed_out);
        pollfd wait{fd, POLLIN, 0};
        if (::poll(&wait, 1, static_cast<int>(std::min(left, look_step).count())) <= 0) continue;
        std::array<char, 4096> buffer{};
        auto const n = ::read(fd, buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return out;
        out.append(buffer.data(), static_cast<std::size_t>(n));
    }
}

}  // namespace

Result<Child> Child::start(std::vector<std::string> const& argv,
                           std::filesystem::path const& log_file) {
    Descriptor const log(::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (log.number() < 0) return os_error(log_file.string());
    Descriptor const nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (nothing.number() < 0) return os_error("/dev/null");
    auto const pid = spawn(argv, nothing.number(), log.number());
    if (!pid) return pid.error();
    return Child(*pid);
}

Child& Child::operator=(Child&& other) noexcept {
    if (this != &other) {
        end();
        pid_ = std::exchange(other.pid_, -1);
        asked_ = other.asked_;
    }
    return *this;
}

Child::~Child() {
    end();
}

bool Child::running() {
    if (pid_ < 0) return false;
    if (wait_for(pid_, WNOHANG) == -1) return true;
    pid_ = -1;
    return false;
}

void Child::ask_to_end() noexcept {
    if (pid_ > 0 && !asked_) ::kill(pid_, SIGTERM);
    asked_ = true;
}

void Child::end() noexcept {
    if (pid_ <= 0) return;
    ask_to_end();
    see_off(pid_);
    pid_ = -1;
}

Result<Finished> run_command(std::vector<std::string> const& argv, std::string const& input,
                             std::chrono::seconds limit) {
    if (input.size() > max_input) return Error(Problem::internal, "too much input");
    auto in = Pipe::make();
    if (!in) return in.error();
    auto out = Pipe::make();
    if (!out) return out.error();
    if (::write(in->write_end.number(), input.data(), input.size()) < 0) return os_error("pipe");
    in->write_end.close();
    auto const pid = spawn(argv, in->read_end.number(), out->write_end.number());
    if (!pid) return pid.error();
    in->read_end.close();
    out->write_end.close();
    auto output = read_all(out->read_end.number(), std::chrono::steady_clock::now() + limit);
    if (!output) {
        ::kill(*pid, SIGTERM);
        see_off(*pid);
        return with_context(output.error(), argv[0]);
    }
    auto const status = wait_for(*pid, 0);
    Finished done{-1, std::move(*output)};
    done.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return done;
}

}  // namespace adaos::node

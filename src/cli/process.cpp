#include "cli/process.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

namespace adaos::cli {
namespace {

/// open() takes the lowest descriptor that is free, so this goes from 0 up.
void take_if_closed(int descriptor, int flags) noexcept {
    if (::fcntl(descriptor, F_GETFD) == -1) (void)::open("/dev/null", flags);
}

}  // namespace

void protect_process() noexcept {
    ::umask(0077);
    rlimit const none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    std::signal(SIGPIPE, SIG_IGN);
    take_if_closed(STDIN_FILENO, O_RDONLY);
    take_if_closed(STDOUT_FILENO, O_RDONLY);  // writing fails, as it should
    take_if_closed(STDERR_FILENO, O_WRONLY);
}

void ignore_hangup() noexcept {
    std::signal(SIGHUP, SIG_IGN);
}

}  // namespace adaos::cli

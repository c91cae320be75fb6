#include "cli/hidden_prompt.hpp"

#include "base/problem.hpp"

#include <poll.h>
#include <pthread.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ostream>

namespace adaos::cli {
namespace {

volatile std::sig_atomic_t signal_seen = 0;

void note_signal_at_prompt(int number) {
    signal_seen = number;
}

/// While it lives, the signals that would end or stop the process come only in `wait_for_input`
/// and are only noted.
class HeldSignals {
public:
    HeldSignals() noexcept {
        signal_seen = 0;
        sigset_t held;
        sigemptyset(&held);
        for (int const number : numbers) sigaddset(&held, number);
        ::pthread_sigmask(SIG_BLOCK, &held, &mask_);
        struct sigaction note {};
        note.sa_handler = note_signal_at_prompt;
        for (std::size_t i = 0; i < numbers.size(); ++i)
            ::sigaction(numbers[i], &note, &actions_[i]);
    }
    HeldSignals(HeldSignals const&) = delete;
    HeldSignals& operator=(HeldSignals const&) = delete;
    ~HeldSignals() {
        for (std::size_t i = 0; i < numbers.size(); ++i)
            ::sigaction(numbers[i], &actions_[i], nullptr);
        ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
    }

    /// False when a signal came first.
    [[nodiscard]] bool wait_for_input() const noexcept {
        pollfd terminal{STDIN_FILENO, POLLIN, 0};
        while (signal_seen == 0)
            if (::ppoll(&terminal, 1, nullptr, &mask_) != -1 || errno != EINTR) return true;
        return false;
    }

private:
    static constexpr std::array numbers{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    sigset_t mask_{};
    std::array<struct sigaction, numbers.size()> actions_{};
};

class EchoOff {
public:
    EchoOff() noexcept {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
        auto quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
        is_off_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
    EchoOff(EchoOff const&) = delete;
    EchoOff& operator=(EchoOff const&) = delete;
    ~EchoOff() {
        if (is_off_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    [[nodiscard]] bool is_off() const noexcept { return is_off_; }

private:
    termios before_{};
    bool is_off_ = false;
};

/// One try; `signal` is 0 or what came meanwhile.
Result<Secret> ask_once(std::ostream& err, std::string_view question, int& signal) {
    HeldSignals const held;
    EchoOff const echo;
    if (!echo.is_off())
        return Error(
            Problem::secret_unreadable,
            std::string("the terminal's echo cannot be switched off: ") + std::strerror(errno));
    err << question << std::flush;
    std::string line;
    line.reserve(max_secret + 1);  // a string that grows leaves copies behind
    for (char c = '\0'; line.size() <= max_secret;) {
        if (!held.wait_for_input()) break;
        auto const got = ::read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0 || c == '\n') break;
        line += c;
    }
    signal = signal_seen;
    Secret typed(std::move(line));
    err << '\n' << std::flush;  // the one that was typed is not shown either
    return typed;
}

}  // namespace

Result<Secret> ask_hidden(std::ostream& err, std::string_view question) {
    for (;;) {
        int signal = 0;
        auto typed = ask_once(err, question, signal);
        if (signal == 0) return typed;
        ::raise(signal);
        if (signal != SIGTSTP) return Error(Problem::interrupted);
    }
}

AskHidden usual_prompt() {
    if (::isatty(STDIN_FILENO) != 1) return {};
    return ask_hidden;
}

}  // namespace adaos::cli

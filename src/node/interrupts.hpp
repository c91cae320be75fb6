#pragma once
/// For a command that has something to clear up: signals that end it are noted, not obeyed.

#include <array>
#include <csignal>

namespace adaos::node {

/// While one lives, SIGINT, SIGTERM, SIGQUIT and (unless nohup ignores it) SIGHUP only set what
/// `caught_signal` returns, and interrupt blocking calls. At most one at a time.
class Interrupts {
public:
    Interrupts() noexcept;
    ~Interrupts();
    Interrupts(Interrupts const&) = delete;
    Interrupts& operator=(Interrupts const&) = delete;

private:
    std::array<struct sigaction, 4> before_{};
};

/// The first signal since Interrupts was made; 0 when there was none.
[[nodiscard]] int caught_signal() noexcept;

}  // namespace adaos::node

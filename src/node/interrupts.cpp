#include "node/interrupts.hpp"

namespace adaos::node {
namespace {

constexpr std::array<int, 4> ending{SIGINT, SIGTERM, SIGQUIT, SIGHUP};

volatile std::sig_atomic_t caught = 0;  // a signal handler can reach nothing else

extern "C" void note_signal(int number) {
    if (caught == 0) caught = number;
}

}  // namespace

Interrupts::Interrupts() noexcept {
    caught = 0;
    struct sigaction note {};
    note.sa_handler = note_signal;  // without SA_RESTART
    for (std::size_t i = 0; i < ending.size(); ++i) {
        ::sigaction(ending[i], nullptr, &before_[i]);
        bool const by_nohup = ending[i] == SIGHUP && before_[i].sa_handler == SIG_IGN;
        if (!by_nohup) ::sigaction(ending[i], &note, nullptr);
    }
}

Interrupts::~Interrupts() {
    for (std::size_t i = 0; i < ending.size(); ++i) ::sigaction(ending[i], &before_[i], nullptr);
}

int caught_signal() noexcept {
    return caught;
}

}  // namespace adaos::node

#include "base/backoff.hpp"

namespace adaos {

std::chrono::milliseconds Backoff::next() {
    auto const cap = caps_ms[step_];
    if (step_ + 1 < caps_ms.size()) ++step_;
    return std::chrono::milliseconds(cap / 10 + random_.below(cap - cap / 10 + 1));
}

}  // namespace adaos

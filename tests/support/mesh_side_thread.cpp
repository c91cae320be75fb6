// A world depends on its seed alone: no thread. Stands in for src/net/side_thread.cpp, whose own
// tests are in tests/net.
#include "net/side_thread.hpp"

namespace adaos::net {

struct SideThread::Parts {};

SideThread::SideThread() = default;
SideThread::~SideThread() = default;

bool SideThread::post(std::function<void()> job) {
    job();
    return true;
}

}  // namespace adaos::net

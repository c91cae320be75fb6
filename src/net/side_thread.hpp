#pragma once
/// One thread for work that would hold up a loop or the store: a tenth of a second of scrypt.

#include <cstddef>
#include <functional>
#include <memory>

namespace adaos::net {

class SideThread {
public:
    /// The thread starts with the first job.
    SideThread();
    /// Finishes the queued jobs.
    ~SideThread();
    SideThread(SideThread const&) = delete;

    /// Jobs run one after another. At most `max_jobs` wait; past that the caller gets false and
    /// must answer 503 (relay_busy). For one caller's thread; a Post for net::offload.
    static constexpr std::size_t max_jobs = 64;
    [[nodiscard]] bool post(std::function<void()> job);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace adaos::net

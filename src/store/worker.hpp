#pragma once
/// The thread that owns the writing connection: jobs run there one after another.

#include "store/database.hpp"

#include <functional>
#include <memory>

namespace adaos::store {

class Worker {
public:
    explicit Worker(Database database);
    /// Finishes the queued jobs, then ends the thread.
    ~Worker();
    Worker(Worker const&) = delete;

    /// Queues `job`; it runs on the worker's thread. At most `max_jobs` wait; past that the caller
    /// gets false and must answer 503 (relay_busy).
    static constexpr std::size_t max_jobs = 4096;
    [[nodiscard]] bool post(std::function<void(Database&)> job);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace adaos::store

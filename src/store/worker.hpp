#pragma once
/// The thread that owns the writing connection: jobs run there one after another, and those that
/// wait together share a commit.

#include "store/database.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace adaos::store {

class Worker {
public:
    explicit Worker(Database database);
    /// Finishes the queued jobs, then ends the thread.
    ~Worker();
    Worker(Worker const&) = delete;

    using Run = std::function<void(Database&)>;
    /// `durable`: the outcome of the commit; on an error nothing that the job wrote is there.
    using Answer = std::function<void(Database&, Result<void> const& durable)>;

    /// Queues a job: `run` works, in transactions of its own (Database::begin_group says what they
    /// are then); `answer` runs when what it wrote is on disk, or cannot be, and may be empty. Both
    /// on the worker's thread, in the order of posting. At most `max_jobs` wait; past that the
    /// caller gets false and must answer 503 (relay_busy).
    static constexpr std::size_t max_jobs = 4096;
    [[nodiscard]] bool post(Run run, Answer answer = {});

    /// A commit waits for at most so many jobs, and takes no further one when it has lasted this
    /// long: so nobody's answer, and no other process, waits for a crowd.
    static constexpr std::size_t max_group = 64;
    static constexpr std::chrono::milliseconds group_time{20};

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace adaos::store

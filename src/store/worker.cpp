#include "store/worker.hpp"

#include <csignal>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace adaos::store {
namespace {

/// While it lives this thread, and any that it starts, takes no signal: they are the main thread's.
class SignalsBlocked {
public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(SignalsBlocked const&) = delete;

private:
    sigset_t before_{};
};

}  // namespace

struct Worker::Parts {
    explicit Parts(Database db) : database(std::move(db)) {}

    void run() {
        for (;;) {
            std::function<void(Database&)> job;
            {
                std::unique_lock lock(mutex);
                changed.wait(lock, [this] { return stopping || !jobs.empty(); });
                if (jobs.empty()) return;
                job = std::move(jobs.front());
                jobs.pop_front();
            }
            job(database);
        }
    }

    Database database;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void(Database&)>> jobs;  // guarded by mutex
    bool stopping = false;                            // guarded by mutex
    std::thread thread;
};

Worker::Worker(Database database) : parts_(std::make_unique<Parts>(std::move(database))) {
    SignalsBlocked const blocked;
    parts_->thread = std::thread([parts = parts_.get()] { parts->run(); });
}

Worker::~Worker() {
    {
        std::lock_guard const lock(parts_->mutex);
        parts_->stopping = true;
    }
    parts_->changed.notify_one();
    parts_->thread.join();
}

bool Worker::post(std::function<void(Database&)> job) {
    {
        std::lock_guard const lock(parts_->mutex);
        if (parts_->jobs.size() >= max_jobs) return false;
        parts_->jobs.push_back(std::move(job));
    }
    parts_->changed.notify_one();
    return true;
}

}  // namespace adaos::store

#include "store/worker.hpp"

#include <csignal>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

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
    struct Job {
        Run run;
        Answer answer;
    };

    explicit Parts(Database db) : database(std::move(db)) {}

    void run() {
        while (auto first = wait_for_job()) run_group(std::move(*first));
    }

    /// Absent: none is left and none will come.
    std::optional<Job> wait_for_job() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return stopping || !jobs.empty(); });
        return take(lock);
    }

    std::optional<Job> next_job() {
        std::unique_lock const lock(mutex);
        return take(lock);
    }

    std::optional<Job> take(std::unique_lock<std::mutex> const&) {
        if (jobs.empty()) return std::nullopt;
        auto job = std::move(jobs.front());
        jobs.pop_front();
        return job;
    }

    /// `first` and what waits behind it, one commit, everybody's answer.
    void run_group(Job first) {
        auto const end = std::chrono::steady_clock::now() + group_time;
        std::vector<Answer> answers;
        database.begin_group();
        std::optional<Job> job(std::move(first));
        while (job) {
            job->run(database);
            answers.push_back(std::move(job->answer));
            bool const is_over = answers.size() >= max_group || database.is_group_lost() ||
                                 std::chrono::steady_clock::now() >= end;
            job = is_over ? std::nullopt : next_job();
        }
        auto const durable = database.end_group();
        for (auto const& answer : answers)
            if (answer) answer(database, durable);
    }

    Database database;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Job> jobs;   // guarded by mutex
    bool stopping = false;  // guarded by mutex
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

bool Worker::post(Run run, Answer answer) {
    {
        std::lock_guard const lock(parts_->mutex);
        if (parts_->jobs.size() >= max_jobs) return false;
        parts_->jobs.push_back({std::move(run), std::move(answer)});
    }
    parts_->changed.notify_one();
    return true;
}

}  // namespace adaos::store

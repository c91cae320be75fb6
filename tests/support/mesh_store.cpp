#include "support/mesh_store.hpp"

#include "store/worker.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace adaos::store {

struct Worker::Parts {
    Database database;
};

namespace {

struct Waiting {
    Database* database;
    Worker::Run run;
    Worker::Answer answer;
};

/// A group of its own for every job, so that nothing depends on who else waited.
void carry_out(Waiting const& job) {
    job.database->begin_group();
    job.run(*job.database);
    auto const durable = job.database->end_group();
    if (job.answer) job.answer(*job.database, durable);
}

/// Of all workers, so that their order among each other stays. Only ever used on one thread.
struct Gate {
    bool shut = false;
    std::deque<Waiting> jobs;

    void run(Database* only) {
        for (auto at = jobs.begin(); at != jobs.end();) {
            if (only != nullptr && at->database != only) {
                ++at;
                continue;
            }
            auto const due = std::move(*at);
            at = jobs.erase(at);
            carry_out(due);
        }
    }
};

Gate& gate() {
    static Gate made;
    return made;
}

}  // namespace

Worker::Worker(Database database) : parts_(std::make_unique<Parts>(Parts{std::move(database)})) {}

Worker::~Worker() {
    gate().run(&parts_->database);
}

bool Worker::post(Run run, Answer answer) {
    auto& store = gate();
    Waiting job{&parts_->database, std::move(run), std::move(answer)};
    if (!store.shut) {
        carry_out(job);
        return true;
    }
    auto const mine = [this](Waiting const& w) { return w.database == &parts_->database; };
    auto const waiting = std::count_if(store.jobs.begin(), store.jobs.end(), mine);
    if (static_cast<std::size_t>(waiting) >= max_jobs) return false;
    store.jobs.push_back(std::move(job));
    return true;
}

}  // namespace adaos::store

namespace adaos::test {

SlowStore::SlowStore() {
    store::gate().shut = true;
}

SlowStore::~SlowStore() {
    store::gate().shut = false;
    store::gate().run(nullptr);
}

}  // namespace adaos::test

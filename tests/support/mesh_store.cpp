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
    std::function<void(Database&)> job;
};

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
            due.job(*due.database);
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

bool Worker::post(std::function<void(Database&)> job) {
    auto& store = gate();
    if (!store.shut) {
        job(parts_->database);
        return true;
    }
    auto const mine = [this](Waiting const& w) { return w.database == &parts_->database; };
    auto const waiting = std::count_if(store.jobs.begin(), store.jobs.end(), mine);
    if (static_cast<std::size_t>(waiting) >= max_jobs) return false;
    store.jobs.push_back({&parts_->database, std::move(job)});
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

#include "net/side_thread.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <csignal>

#include <atomic>
#include <optional>
#include <utility>

namespace adaos::net {

struct SideThread::Parts {
    std::atomic<std::size_t> jobs{0};
    std::optional<boost::asio::thread_pool> pool;

    /// Its thread takes no signal: they are the main thread's.
    void start() {
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        pool.emplace(1);
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
};

SideThread::SideThread() : parts_(std::make_unique<Parts>()) {}

SideThread::~SideThread() {
    if (parts_->pool) parts_->pool->join();
}

bool SideThread::post(std::function<void()> job) {
    if (parts_->jobs >= max_jobs) return false;
    if (!parts_->pool) parts_->start();
    ++parts_->jobs;
    boost::asio::post(*parts_->pool, [parts = parts_.get(), job = std::move(job)] {
        job();
        --parts->jobs;
    });
    return true;
}

}  // namespace adaos::net

#include "bench/enrol/crowd.hpp"

#include "net/asio_network.hpp"
#include "net/tls_mutual.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <exception>

namespace adaos::bench {
namespace {

/// As the yardstick has: the joiners' machines are these two cores.
constexpr unsigned scrypt_threads = 2;

void rethrow(std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
}

/// Takes the next ticket until there is none.
net::Task<void> join_on(Join join, Way const& way, std::span<Ticket const> tickets,
                        std::size_t& next, Outcome& into) {
    while (next < tickets.size()) {
        auto const& ticket = tickets[next++];
        auto const took = co_await join(way, ticket);
        into.add(took);
    }
}

}  // namespace

void Outcome::add(Result<Took> const& one) {
    if (one.has_error()) {
        if (errors++ == 0) first_error = one.error().message();
        return;
    }
    all_ms.push_back(one->all.count());
    calls_ms.push_back(one->calls.count());
}

struct Crowd::Parts {
    explicit Parts(net::TlsContext context) : tls(std::move(context)) {}

    Way way(net::Url const& root) {
        return {network, timers, tls, root, [this](std::function<void()> job) {
                    boost::asio::post(processors, std::move(job));
                    return true;
                }};
    }
    void run() {
        loop.restart();
        loop.run();
    }

    boost::asio::io_context loop{1};
    net::AsioTimers timers{loop.get_executor()};
    net::AsioNetwork network{loop.get_executor(), timers};
    net::TlsContext tls;
    boost::asio::thread_pool processors{scrypt_threads};
};

Crowd::Crowd(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Crowd::~Crowd() = default;

Result<std::unique_ptr<Crowd>> Crowd::make(std::string const& ca_pem) {
    net::TlsTrust trust;
    trust.anchors_pem = ca_pem;
    auto tls = net::make_strict_client(trust, std::nullopt);
    if (tls.has_error()) return tls.error();
    auto parts = std::make_unique<Parts>(std::move(*tls));
    return std::unique_ptr<Crowd>(new Crowd(std::move(parts)));
}

void Crowd::run(Join join, net::Url const& root, std::span<Ticket const> tickets,
                std::size_t at_once, Outcome& into) {
    auto const way = parts_->way(root);
    std::size_t next = 0;
    auto const before = into.all_ms.size();
    for (std::size_t i = 0; i < at_once; ++i)
        boost::asio::co_spawn(parts_->loop, join_on(join, way, tickets, next, into), rethrow);
    Stopwatch const watch;
    parts_->run();
    into.rate.add(static_cast<double>(into.all_ms.size() - before), watch.passed());
}

}  // namespace adaos::bench

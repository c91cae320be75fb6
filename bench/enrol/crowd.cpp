#include "bench/enrol/crowd.hpp"

#include "net/asio_network.hpp"
#include "net/tls_mutual.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <exception>
#include <list>
#include <thread>

namespace adaos::bench {
namespace {

/// As the yardsticks have: the joiners' machines are these two cores.
constexpr unsigned scrypt_threads = 2;
constexpr unsigned lanes = 2;

void rethrow(std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
}

/// A thread of joiners. One alone is as busy as Root's two with token joins, and holds them up.
struct Lane {
    explicit Lane(net::TlsContext context) : tls(std::move(context)) {}

    boost::asio::io_context loop{1};
    net::AsioTimers timers{loop.get_executor()};
    net::AsioNetwork network{loop.get_executor(), timers};
    net::TlsContext tls;
    Outcome outcome;  ///< of this run
};

/// Takes the next ticket until there is none.
net::Task<void> join_on(Join join, Way const& way, std::span<Ticket const> tickets,
                        std::atomic<std::size_t>& next, Outcome& into) {
    for (;;) {
        auto const mine = next++;
        if (mine >= tickets.size()) co_return;
        auto const took = co_await join(way, tickets[mine]);
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

void Outcome::add(Outcome const& part) {
    all_ms.insert(all_ms.end(), part.all_ms.begin(), part.all_ms.end());
    calls_ms.insert(calls_ms.end(), part.calls_ms.begin(), part.calls_ms.end());
    if (errors == 0) first_error = part.first_error;
    errors += part.errors;
}

struct Crowd::Parts {
    Way way(Lane& lane, net::Url const& root) {
        return {lane.network, lane.timers, lane.tls, root, [this](std::function<void()> job) {
                    boost::asio::post(processors, std::move(job));
                    return true;
                }};
    }

    std::list<Lane> lanes;
    boost::asio::thread_pool processors{scrypt_threads};
};

Crowd::Crowd(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Crowd::~Crowd() = default;

Result<std::unique_ptr<Crowd>> Crowd::make(std::string const& ca_pem) {
    net::TlsTrust trust;
    trust.anchors_pem = ca_pem;
    auto parts = std::make_unique<Parts>();
    for (unsigned i = 0; i < lanes; ++i) {
        auto tls = net::make_strict_client(trust, std::nullopt);
        if (tls.has_error()) return tls.error();
        parts->lanes.emplace_back(std::move(*tls));
    }
    return std::unique_ptr<Crowd>(new Crowd(std::move(parts)));
}

void Crowd::run(Join join, net::Url const& root, std::span<Ticket const> tickets,
                std::size_t at_once, Outcome& into) {
    std::list<Way> ways;
    std::atomic<std::size_t> next{0};
    for (auto& lane : parts_->lanes) {
        lane.outcome = {};
        lane.loop.restart();
        ways.push_back(parts_->way(lane, root));
    }
    auto lane = parts_->lanes.begin();
    auto way = ways.begin();
    for (std::size_t i = 0; i < at_once; ++i) {
        boost::asio::co_spawn(lane->loop, join_on(join, *way, tickets, next, lane->outcome),
                              rethrow);
        ++way;
        if (++lane != parts_->lanes.end()) continue;
        lane = parts_->lanes.begin();
        way = ways.begin();
    }
    auto const cpu = own_cpu_seconds();
    Stopwatch const watch;
    {
        std::vector<std::jthread> threads;
        for (auto& each : parts_->lanes) threads.emplace_back([&each] { each.loop.run(); });
    }
    auto const passed = watch.passed();
    into.cpu += own_cpu_seconds() - cpu;
    for (auto const& each : parts_->lanes) {
        into.add(each.outcome);
        into.rate.add(static_cast<double>(each.outcome.all_ms.size()), Millis{});
    }
    into.rate.add(0, passed);
}

}  // namespace adaos::bench

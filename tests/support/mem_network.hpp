#pragma once
/// A network in memory, whose owner can break it.

#include "base/problem.hpp"
#include "net/network.hpp"
#include "net/timers.hpp"
#include "support/mem_stream.hpp"

#include <list>
#include <memory>
#include <vector>

namespace adaos::test {

class MemNetwork final : public net::Network {
public:
    enum class Fate {
        reachable,
        refusing,    ///< as if nobody listened
        black_hole,  ///< connecting takes until the timeout
    };

    explicit MemNetwork(net::Timers& timers) : timers_(timers) {}

    net::Task<Result<net::StreamPtr>> connect(net::Endpoint to,
                                              std::chrono::milliseconds timeout) override {
        return connect_from("127.0.0.1", std::move(to), timeout);
    }

    /// Exact addresses; a listener on "", "0.0.0.0" or "::" hears every host name.
    Result<std::unique_ptr<net::Acceptor>> listen(net::Endpoint at) override {
        if (at.port == 0) at.port = next_port_++;
        for (auto const& other : listeners_)
            if (!other->closed && other->at == at) return Error(Problem::port_in_use, at.text());
        auto const listener = std::make_shared<Listener>();
        listener->at = at;
        listeners_.push_back(listener);
        return std::make_unique<MemAcceptor>(listener);
    }

    /// What happens to new connections to `to`, whoever listens or will listen there.
    void set_fate(net::Endpoint const& to, Fate fate) {
        fates_.remove_if([&](auto const& known) { return known.first == to; });
        fates_.emplace_back(to, fate);
    }
    /// Resets all open connections.
    void cut() {
        for_each_link([](MemPipe::Link& link) { link.cut(); });
    }
    /// All open connections stop carrying, without a sign.
    void silence() {
        for_each_link([](MemPipe::Link& link) { link.silence(); });
    }
    /// Bytes buffered per direction of connections made from now on.
    void set_capacity(std::size_t bytes) { capacity_ = bytes; }
    [[nodiscard]] std::size_t dialled() const { return dialled_; }

    net::Task<Result<net::StreamPtr>> connect_from(std::string source, net::Endpoint to,
                                                   std::chrono::milliseconds timeout) {
        ++dialled_;
        auto const fate = fate_of(to);
        if (fate == Fate::black_hole) {
            co_await net::sleep(timers_, timeout);
            co_return Error(Problem::timed_out, to.text() + ": no answer");
        }
        auto const listener = find_listener(to);
        if (fate == Fate::refusing || listener == nullptr)
            co_return Error(Problem::unreachable, to.text() + ": Connection refused");
        auto const link = std::make_shared<MemPipe::Link>(capacity_);
        links_.push_back(link);
        net::Accepted accepted;
        accepted.stream = std::make_unique<MemPipe>(link, 1);
        accepted.peer.host = std::move(source);
        accepted.peer.port = next_port_++;
        listener->queue.push_back(std::move(accepted));
        if (listener->waiter != nullptr) listener->waiter->cancel();
        net::StreamPtr stream = std::make_unique<MemPipe>(link, 0);
        co_return stream;
    }

private:
    struct Listener {
        net::Endpoint at;
        std::list<net::Accepted> queue;
        boost::asio::steady_timer* waiter = nullptr;
        bool closed = false;
    };

    class MemAcceptor final : public net::Acceptor {
    public:
        explicit MemAcceptor(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}
        ~MemAcceptor() override { close(); }
        MemAcceptor(MemAcceptor const&) = delete;
        MemAcceptor& operator=(MemAcceptor const&) = delete;

        net::Task<Result<net::Accepted>> accept() override {
            auto const listener = listener_;
            while (listener->queue.empty()) {
                if (listener->closed)
                    co_return Error(boost::asio::error::operation_aborted, "accept");
                bool const went_on = co_await mem_wait(listener->waiter);
                if (!went_on) co_return Error(boost::asio::error::operation_aborted, "accept");
            }
            auto accepted = std::move(listener->queue.front());
            listener->queue.pop_front();
            co_return accepted;
        }
        [[nodiscard]] net::Endpoint local() const override { return listener_->at; }
        void close() noexcept override {
            listener_->closed = true;
            listener_->queue.clear();
            if (listener_->waiter != nullptr) listener_->waiter->cancel();
        }

    private:
        std::shared_ptr<Listener> listener_;  // with the network, which puts connections into it
    };

    Fate fate_of(net::Endpoint const& to) const {
        for (auto const& [at, fate] : fates_)
            if (at == to) return fate;
        return Fate::reachable;
    }
    std::shared_ptr<Listener> find_listener(net::Endpoint const& to) {
        std::erase_if(listeners_, [](auto const& listener) { return listener->closed; });
        for (auto const& listener : listeners_) {
            auto const& host = listener->at.host;
            bool const any = host.empty() || host == "0.0.0.0" || host == "::";
            if (listener->at.port == to.port && (any || host == to.host)) return listener;
        }
        return nullptr;
    }
    template <class F>
    void for_each_link(F&& f) {
        for (auto const& weak : links_)
            if (auto const link = weak.lock()) f(*link);
        std::erase_if(links_, [](auto const& weak) { return weak.expired(); });
    }

    net::Timers& timers_;
    std::vector<std::shared_ptr<Listener>> listeners_;
    std::list<std::pair<net::Endpoint, Fate>> fates_;
    std::vector<std::weak_ptr<MemPipe::Link>> links_;
    std::size_t capacity_ = 64 * 1024;
    std::size_t dialled_ = 0;
    std::uint16_t next_port_ = 40'000;
};

/// One machine on a MemNetwork: accepters see `address` as the peer.
class MemHost final : public net::Network {
public:
    MemHost(MemNetwork& network, std::string address)
        : network_(network), address_(std::move(address)) {}
    net::Task<Result<net::StreamPtr>> connect(net::Endpoint to,
                                              std::chrono::milliseconds timeout) override {
        return network_.connect_from(address_, std::move(to), timeout);
    }
    Result<std::unique_ptr<net::Acceptor>> listen(net::Endpoint at) override {
        return network_.listen(std::move(at));
    }

private:
    MemNetwork& network_;
    std::string address_;
};

}  // namespace adaos::test

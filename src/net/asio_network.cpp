#include "net/asio_network.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "net/event.hpp"
#include "net/tcp_stream.hpp"
#include "net/unix_connect.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <vector>

namespace adaos::net {
namespace {

using boost::asio::ip::tcp;
using Addresses = std::vector<tcp::endpoint>;

/// How long accept() waits when the machine has no descriptor or memory left.
constexpr std::chrono::milliseconds accept_pause{100};

/// Addresses that need no asking: literals, and `localhost`, which never leaves the machine
/// (RFC 6761, section 6.3).
Addresses known_addresses(Endpoint const& at) {
    boost::system::error_code ec;
    auto const address = boost::asio::ip::make_address(at.host, ec);
    if (!ec) return {tcp::endpoint(address, at.port)};
    if (!equal_ignoring_case(at.host, "localhost")) return {};
    return {tcp::endpoint(boost::asio::ip::address_v4::loopback(), at.port),
            tcp::endpoint(boost::asio::ip::address_v6::loopback(), at.port)};
}

/// A look-up that can be left alone: getaddrinfo runs in a thread and cannot be interrupted.
struct Lookup {
    explicit Lookup(boost::asio::any_io_executor const& loop) : resolver(loop), changed(loop) {}
    tcp::resolver resolver;
    Event changed;
    boost::system::error_code failed;
    Addresses found;
    bool finished = false;
    bool too_late = false;
};

Task<Result<Addresses>> resolve(boost::asio::any_io_executor loop, Timers& timers, Endpoint to,
                                std::chrono::milliseconds timeout) {
    auto known = known_addresses(to);
    if (!known.empty()) co_return known;

    auto const lookup = std::make_shared<Lookup>(loop);  // shared with both callbacks
    auto const timer = timers.call_after(timeout, [lookup] {
        lookup->too_late = true;
        lookup->changed.notify();
    });
    lookup->resolver.async_resolve(
        to.host, std::to_string(to.port), tcp::resolver::numeric_service,
        [lookup](boost::system::error_code ec, tcp::resolver::results_type const& results) {
            lookup->failed = ec;
            for (auto const& entry : results) lookup->found.push_back(entry.endpoint());
            lookup->finished = true;
            lookup->changed.notify();
        });
    co_await lookup->changed.wait();
    if (!lookup->finished) lookup->resolver.cancel();
    if (lookup->too_late) co_return Error(Problem::timed_out, to.text() + ": looking up the name");
    if (!lookup->finished) co_return Error(boost::asio::error::operation_aborted, to.text());
    if (lookup->failed || lookup->found.empty())
        co_return Error(Problem::unreachable, to.text() + ": " + lookup->failed.message());
    co_return std::move(lookup->found);
}

struct Attempt {
    explicit Attempt(boost::asio::any_io_executor const& loop) : socket(loop) {}
    tcp::socket socket;
    bool too_late = false;
};

/// On an error: `timed_out`, `operation_aborted`, or the system's.
Task<boost::system::error_code> try_address(Attempt& attempt, Timers& timers, tcp::endpoint address,
                                            std::chrono::milliseconds timeout) {
    auto const timer = timers.call_after(timeout, [&attempt] {
        attempt.too_late = true;
        boost::system::error_code ignored;
        attempt.socket.close(ignored);
    });
    auto const token = boost::asio::as_tuple(boost::asio::use_awaitable);
    auto const [ec] = co_await attempt.socket.async_connect(address, token);
    if (attempt.too_late) co_return boost::asio::error::timed_out;
    co_return ec;
}

class TcpAcceptor final : public Acceptor {
public:
    TcpAcceptor(tcp::acceptor acceptor, boost::asio::any_io_executor const& loop, Timers& timers)
        : acceptor_(std::move(acceptor)), timers_(timers), wake_(loop) {}

    Task<Result<Accepted>> accept() override;
    [[nodiscard]] Endpoint local() const override;
    void close() noexcept override {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        wake_.notify();
    }

private:
    tcp::acceptor acceptor_;
    Timers& timers_;
    Event wake_;
};

Endpoint endpoint_of(tcp::endpoint const& at) {
    auto address = at.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())  // a dual-stack listener
        address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
    return {address.to_string(), at.port()};
}

enum class Trouble { of_the_peer, of_the_machine, ours };

Trouble judge_accept(boost::system::error_code const& ec) {
    namespace error = boost::asio::error;
    if (ec == error::operation_aborted || ec == error::bad_descriptor || ec == error::not_socket ||
        ec == error::invalid_argument || ec == error::operation_not_supported)
        return Trouble::ours;
    if (ec == error::connection_aborted || ec == error::connection_reset)
        return Trouble::of_the_peer;
    return Trouble::of_the_machine;
}

Task<Result<Accepted>> TcpAcceptor::accept() {
    auto const token = boost::asio::as_tuple(boost::asio::use_awaitable);
    while (acceptor_.is_open()) {
        auto [ec, socket] = co_await acceptor_.async_accept(token);
        if (!ec) {
            auto const peer = socket.remote_endpoint(ec);
            if (ec) continue;  // left again already
            co_return Accepted{std::make_unique<TcpStream>(std::move(socket)), endpoint_of(peer)};
        }
        auto const trouble = judge_accept(ec);
        if (trouble == Trouble::of_the_peer) continue;
        if (trouble == Trouble::ours) co_return Error(ec, "accept");
        auto const timer = timers_.call_after(accept_pause, [this] { wake_.notify(); });
        co_await wake_.wait();
    }
    co_return Error(boost::asio::error::operation_aborted, "accept");
}

Endpoint TcpAcceptor::local() const {
    boost::system::error_code ec;
    auto const at = acceptor_.local_endpoint(ec);
    if (ec) return {};
    return endpoint_of(at);
}

}  // namespace

AsioNetwork::AsioNetwork(boost::asio::any_io_executor loop, Timers& timers)
    : loop_(std::move(loop)), timers_(timers) {}

Task<Result<StreamPtr>> AsioNetwork::connect(Endpoint to, std::chrono::milliseconds timeout) {
    if (to.host.starts_with('/')) co_return connect_unix(loop_, to.host);
    auto const end = timers_.now() + timeout;
    auto const addresses = co_await resolve(loop_, timers_, to, timeout);
    if (!addresses) co_return addresses.error();

    boost::system::error_code failed;
    auto left = addresses->size();
    for (auto const& address : *addresses) {
        // Each address gets its share of what is left: a silent one does not use up the others'.
        auto const rest =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - timers_.now());
        auto const share = rest / static_cast<std::int64_t>(left--);
        Attempt attempt(loop_);
        failed = co_await try_address(attempt, timers_, address, share);
        if (!failed) {
            StreamPtr stream = std::make_unique<TcpStream>(std::move(attempt.socket));
            co_return stream;
        }
        if (failed == boost::asio::error::operation_aborted) co_return Error(failed, to.text());
    }
    if (failed == boost::asio::error::timed_out)
        co_return Error(Problem::timed_out, to.text() + ": no answer");
    co_return Error(Problem::unreachable, to.text() + ": " + failed.message());
}

Result<std::unique_ptr<Acceptor>> AsioNetwork::listen(Endpoint at) {
    boost::system::error_code ec;
    auto addresses = known_addresses(at);
    if (addresses.empty()) {
        tcp::resolver resolver(loop_);
        for (auto const& entry :
             resolver.resolve(at.host, std::to_string(at.port), tcp::resolver::passive, ec))
            addresses.push_back(entry.endpoint());
        if (addresses.empty()) return Error(ec, "listen on " + at.text());
    }
    auto const& address = addresses.front();
    tcp::acceptor acceptor(loop_);
    acceptor.open(address.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec && address.address().is_v6())
        acceptor.set_option(boost::asio::ip::v6_only(!address.address().is_unspecified()), ec);
    if (!ec) acceptor.bind(address, ec);
    if (!ec) acceptor.listen(boost::asio::socket_base::max_listen_connections, ec);
    if (ec == boost::asio::error::address_in_use) return Error(Problem::port_in_use, at.text());
    if (ec == boost::asio::error::access_denied) return Error(Problem::permission, at.text());
    if (ec) return Error(ec, "listen on " + at.text());
    return std::make_unique<TcpAcceptor>(std::move(acceptor), loop_, timers_);
}

}  // namespace adaos::net

#include "net/asio_network.hpp"

#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "support/run.hpp"

#include <boost/asio/error.hpp>

#include <catch2/catch.hpp>

#include <sys/resource.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <vector>

namespace adaos::tcp_test {

using namespace std::chrono_literals;

namespace {

/// A listener on loopback and one connection to it.
struct World {
    World() : timers(loop.executor()), network(loop.executor(), timers) {
        acceptor = std::move(network.listen({"127.0.0.1", 0})).value();
        auto accept = loop.start(acceptor->accept());
        client = std::move(loop.run(network.connect(acceptor->local(), 5s))).value();
        auto accepted = std::move(loop.wait(accept)).value();
        server = std::move(accepted.stream);
        peer = accepted.peer;
    }
    test::Loop loop;
    net::AsioTimers timers;
    net::AsioNetwork network;
    std::unique_ptr<net::Acceptor> acceptor;
    net::StreamPtr client;
    net::StreamPtr server;
    net::Endpoint peer;
};

net::Task<Result<std::size_t>> count_until_eof(net::ByteStream& stream) {
    std::size_t total = 0;
    Bytes buffer(5000);
    for (;;) {
        auto const n = co_await stream.read_some(buffer);
        if (!n && n.error().code == boost::asio::error::eof) co_return total;
        if (!n) co_return n.error();
        total += *n;
    }
}

}  // namespace

TEST_CASE("TCP carries more than the kernel buffers, and ends in order", "[net][tcp]") {
    World world;
    std::size_t const size = 20'000'000;
    Bytes const big(size);
    std::array<std::byte, 8> buffer{};

    auto count = world.loop.start(count_until_eof(*world.server));
    REQUIRE(world.loop.run(world.client->write_all(big)).has_value());
    REQUIRE(world.loop.run(world.client->shutdown_write()).has_value());

    CHECK(world.loop.wait(count).value() == size);
    REQUIRE(world.loop.run(world.server->write_all(as_bytes("late"))).has_value());
    CHECK(world.loop.run(world.client->read_some(buffer)).value() == 4);
    CHECK(world.peer.host == "127.0.0.1");
    CHECK(world.peer.port != 0);
}

TEST_CASE("a TCP close is an end, an abort is a reset", "[net][tcp]") {
    World world;
    std::array<std::byte, 8> buffer{};

    SECTION("close") {
        world.loop.run(world.client->close());
        CHECK(world.loop.run(world.server->read_some(buffer)).error().code ==
              boost::asio::error::eof);
        CHECK(world.loop.run(world.server->read_some(buffer)).error().code ==
              boost::asio::error::eof);
        CHECK(world.loop.run(world.client->read_some(buffer)).error().code ==
              boost::asio::error::operation_aborted);
    }
    SECTION("abort, with a read outstanding") {
        auto mine = world.loop.start(world.client->read_some(buffer));
        world.loop.poll();
        world.client->abort();
        world.client->abort();
        CHECK(world.loop.wait(mine).error().code == boost::asio::error::operation_aborted);
        CHECK(world.loop.run(world.server->read_some(buffer)).error().code ==
              boost::asio::error::connection_reset);
    }
    SECTION("close does not reset what the peer has yet to read, though input was pending") {
        REQUIRE(world.loop.run(world.server->write_all(as_bytes("unread"))).has_value());
        REQUIRE(world.loop.run(world.client->write_all(as_bytes("bye"))).has_value());
        world.loop.run(world.client->close());
        CHECK(world.loop.run(count_until_eof(*world.server)).value() == 3);
    }
}

TEST_CASE("a cancelled TCP read ends with operation_aborted", "[net][tcp]") {
    World world;
    std::array<std::byte, 8> buffer{};
    auto read = world.loop.start(world.client->read_some(buffer));
    world.loop.poll();

    read.cancel();

    CHECK(world.loop.wait(read).error().code == boost::asio::error::operation_aborted);
}

TEST_CASE("what cannot be connected to is unreachable, with the reason", "[net][tcp]") {
    World world;
    auto const gone = world.acceptor->local();
    auto accept = world.loop.start(world.acceptor->accept());
    world.loop.poll();
    world.acceptor->close();
    CHECK(world.loop.wait(accept).error().code == boost::asio::error::operation_aborted);

    auto const refused = world.loop.run(world.network.connect(gone, 5s));

    REQUIRE(refused.has_error());
    CHECK(refused.error().code == Problem::unreachable);
    CHECK(refused.error().context == gone.text() + ": Connection refused");
}

TEST_CASE("localhost is asked of nobody and tried on both families", "[net][tcp]") {
    World world;
    auto const port = world.acceptor->local().port;

    CHECK(world.loop.run(world.network.connect({"localhost", port}, 5s)).has_value());
}

TEST_CASE("connecting in no time is timed out", "[net][tcp]") {
    World world;

    // TEST-NET-1 (RFC 5737): nobody answers; some sandboxes refuse at once.
    auto const late = world.loop.run(world.network.connect({"192.0.2.1", 9}, 20ms));

    REQUIRE(late.has_error());
    CHECK((late.error().code == Problem::timed_out || late.error().code == Problem::unreachable));
}

TEST_CASE("a port that is taken is port_in_use", "[net][tcp]") {
    World world;

    CHECK(world.network.listen(world.acceptor->local()).error().code == Problem::port_in_use);
}

TEST_CASE("accept outlives a lack of file descriptors", "[net][tcp]") {
    World world;
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    auto second = world.loop.start(world.network.connect(world.acceptor->local(), 5s));
    REQUIRE(world.loop.wait(second).has_value());  // waits in the backlog
    std::vector<int> taken;
    auto const limit = rlimit{static_cast<rlim_t>(::dup(0)) + 1, before.rlim_max};
    taken.push_back(static_cast<int>(limit.rlim_cur) - 1);
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) taken.push_back(fd);

    auto accept = world.loop.start(world.acceptor->accept());
    world.loop.poll();
    CHECK_FALSE(accept.done());
    setrlimit(RLIMIT_NOFILE, &before);
    for (int const fd : taken) ::close(fd);

    CHECK(world.loop.wait(accept).has_value());
}

TEST_CASE("endpoints read as host:port, IPv6 in brackets", "[net]") {
    CHECK(net::Endpoint{"hub.local", 8777}.text() == "hub.local:8777");
    CHECK(net::Endpoint{"::1", 80}.text() == "[::1]:80");
}

TEST_CASE("loopback is 127/8, ::1 and localhost, and nothing that looks alike", "[net]") {
    for (auto const* yes :
         {"127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST", "::ffff:127.0.0.1"})
        CHECK(net::is_loopback(yes));
    for (auto const* no : {"", "128.0.0.1", "127.0.0.1.example", "localhost.example", "0.0.0.0",
                           "::", "10.0.0.1", "::2"})
        CHECK_FALSE(net::is_loopback(no));
}

}  // namespace adaos::tcp_test

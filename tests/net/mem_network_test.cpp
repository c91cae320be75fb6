#include "support/mem_network.hpp"

#include "support/manual_timers.hpp"
#include "support/run.hpp"

#include <catch2/catch.hpp>

#include <array>

namespace adaos::mem_network_test {

using namespace std::chrono_literals;
using test::MemNetwork;

TEST_CASE("a pair holds one capacity of bytes, then the writer waits", "[support]") {
    test::Loop loop;
    auto [a, b] = test::pair(4);
    std::array<std::byte, 8> buffer{};

    auto write = loop.start(a->write_all(as_bytes("123456")));
    loop.poll();
    CHECK_FALSE(write.done());
    auto const n = loop.run(b->read_some(buffer));
    loop.poll();

    CHECK(n.value() == 4);
    CHECK(write.done());
}

TEST_CASE("half a pair can end while the other goes on", "[support]") {
    test::Loop loop;
    auto [a, b] = test::pair();
    std::array<std::byte, 8> buffer{};

    REQUIRE(loop.run(a->shutdown_write()).has_value());
    REQUIRE(loop.run(b->write_all(as_bytes("late"))).has_value());

    CHECK(loop.run(b->read_some(buffer)).error().code == boost::asio::error::eof);
    CHECK(loop.run(a->read_some(buffer)).value() == 4);
    CHECK(loop.run(a->write_all(as_bytes("x"))).error().code == boost::asio::error::broken_pipe);
}

TEST_CASE("an abort is a reset for the peer, and ends what was outstanding", "[support]") {
    test::Loop loop;
    auto [a, b] = test::pair();
    std::array<std::byte, 8> mine{};
    std::array<std::byte, 8> theirs{};
    auto ours = loop.start(a->read_some(mine));
    auto peers = loop.start(b->read_some(theirs));
    loop.poll();

    a->abort();
    loop.poll();

    CHECK(ours.get().error().code == boost::asio::error::operation_aborted);
    CHECK(peers.get().error().code == boost::asio::error::connection_reset);
}

TEST_CASE("a cancelled read of a pair ends with operation_aborted", "[support]") {
    test::Loop loop;
    auto [a, b] = test::pair();
    std::array<std::byte, 8> buffer{};
    auto read = loop.start(a->read_some(buffer));
    loop.poll();

    read.cancel();
    loop.poll();

    REQUIRE(read.done());
    CHECK(read.get().error().code == boost::asio::error::operation_aborted);
}

TEST_CASE("a network in memory connects, refuses, swallows and cuts", "[support]") {
    test::Loop loop;
    test::ManualTimers timers;
    MemNetwork network(timers);
    test::MemHost laptop(network, "10.0.0.7");
    net::Endpoint const at{"hub", 8777};
    std::array<std::byte, 8> buffer{};

    auto const refused = loop.run(laptop.connect(at, 1s));
    CHECK(refused.error().code == Problem::unreachable);

    auto const acceptor = std::move(network.listen(at)).value();
    CHECK(network.listen(at).error().code == Problem::port_in_use);
    auto accept = loop.start(acceptor->accept());
    auto client = loop.run(laptop.connect(at, 1s));
    REQUIRE(client.has_value());
    auto server = loop.wait(accept);
    REQUIRE(server.has_value());
    CHECK(server->peer.host == "10.0.0.7");
    REQUIRE(loop.run((*client)->write_all(as_bytes("hi"))).has_value());
    CHECK(loop.run(server->stream->read_some(buffer)).value() == 2);

    network.cut();
    CHECK(loop.run((*client)->read_some(buffer)).error().code ==
          boost::asio::error::connection_reset);

    network.set_fate(at, MemNetwork::Fate::black_hole);
    auto const start = timers.now();
    auto const lost = loop.run(laptop.connect(at, 3s), timers);
    CHECK(lost.error().code == Problem::timed_out);
    CHECK(timers.now() - start == 3s);

    auto last = loop.start(acceptor->accept());
    loop.poll();
    acceptor->close();
    loop.poll();
    CHECK(last.get().error().code == boost::asio::error::operation_aborted);
}

}  // namespace adaos::mem_network_test

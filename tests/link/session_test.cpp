#include "link/session.hpp"

#include "link/mux.hpp"
#include "link/mux_core.hpp"
#include "link/session_talk.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace adaos::session_test {

using namespace adaos::link;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::LinkWorld;

TEST_CASE("both ends of a link know each other after the handshake", "[link][session]") {
    LinkWorld world;

    world.connect();

    REQUIRE(world.up);
    REQUIRE(world.down);
    auto const& up = world.up;
    auto const& down = world.down;
    CHECK(up->hello() == test::hub_hello());
    CHECK(down->hello() == test::hub_hello());
    CHECK(down->ack().node_id == "root");
    CHECK(up->peer_certificate().node()->node_id == test::some_node);
    CHECK(down->peer_certificate().is_root());
    CHECK(up->alive());
    CHECK(down->alive());
}

TEST_CASE("a stream through a link carries bytes both ways", "[link][session]") {
    LinkWorld world;
    world.connect();
    world.run(echoing());
    auto const size = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{65'536},
                               std::size_t{65'537}, std::size_t{1'000'000});
    std::string const question(size, 'q');

    auto const answer = ask(world, question);

    CHECK((answer == question));
    world.loop.poll();
    CHECK(world.up->open_streams() == 0);
    CHECK(world.down->open_streams() == 0);
}

TEST_CASE("many streams go side by side, up to the cap", "[link][session]") {
    LinkWorld world;
    world.connect();
    world.run(echoing());
    std::vector<net::StreamPtr> held;
    for (std::uint32_t i = 0; i < max_streams_per_link; ++i)
        held.push_back(world.loop.run(world.up->open()).value());

    auto const one_more = world.loop.run(world.up->open());
    REQUIRE(one_more.has_error());
    CHECK(one_more.error().code == make_error_code(Problem::relay_busy));
    CHECK(world.up->open_streams() == max_streams_per_link);

    held.pop_back();
    world.loop.poll();
    CHECK(ask(world, "there is room") == "there is room");
}

TEST_CASE("a hello that names another identity than the certificate is refused",
          "[link][session]") {
    auto const [field, code] = GENERATE(table<std::string, std::string>({
        {"subnet", "subnet_mismatch"},
        {"node", "protocol"},
        {"role", "protocol"},
        {"name", "protocol"},
    }));
    auto hello = test::hub_hello();
    if (field == "subnet") hello.subnet_id = "sn_ffffffff";
    if (field == "node") hello.node_id = "99999999-2222-4333-8444-555555555555";
    if (field == "role") hello.role = "member";
    if (field == "name") hello.name = "../attic";
    CAPTURE(field);
    LinkWorld world;

    world.connect(hello);

    REQUIRE(world.up_error);
    CHECK(world.up_error->code == make_error_code(Problem::link_refused));
    REQUIRE(world.down_error);
    CHECK(world.down_error->code == make_error_code(Problem::link_refused));
    CHECK(world.down_error->context.substr(0, code.size() + 2) == code + ": ");
}

TEST_CASE("a member's certificate does not make a hub", "[link][session]") {
    LinkWorld world(test::LinkCertificates::get().member);
    world.connect();
    CHECK(world.down_error);
    auto hello = test::hub_hello();
    hello.role = "member";

    LinkWorld as_member(test::LinkCertificates::get().member);
    as_member.connect(hello);
    CHECK(as_member.up);
}

TEST_CASE("what admission says reaches the dialler", "[link][session]") {
    LinkWorld world;
    world.connect(test::hub_hello(), refuse);

    REQUIRE(world.down_error);
    CHECK(world.down_error->code == make_error_code(Problem::node_removed));
    CHECK(world.down_error->context == "node_revoked: removed by its owner");
}

TEST_CASE("a stranger's certificate opens no link", "[link][session]") {
    LinkWorld world(test::LinkCertificates::get().stranger_hub);
    world.connect();

    REQUIRE(world.up_error);
    CHECK(world.up_error->code == make_error_code(Problem::peer_untrusted));
    CHECK(world.down_error);
}

TEST_CASE("the dialler leaves when the upstream is not whom it wants", "[link][session]") {
    LinkWorld world;
    world.check = [](pki::Certificate const&) -> Result<void> {
        return Error(Problem::peer_untrusted, "not our Root");
    };
    world.connect();

    REQUIRE(world.down_error);
    CHECK(world.down_error->code == make_error_code(Problem::peer_untrusted));
    CHECK(world.up_error);
}

TEST_CASE("a peer that says nothing is given up within the time for hellos", "[link][session]") {
    LinkWorld world;
    auto accepting = world.loop.start(accept_session(world.env(), world.accepter_tls,
                                                     std::move(world.up_carrier), test::admit_all));
    auto const began = world.timers.now();

    auto const made = world.loop.wait(accepting, world.timers);

    REQUIRE(made.has_error());
    CHECK(made.error().code == make_error_code(Problem::timed_out));
    CHECK(world.timers.now() - began == SessionTimes().hello);
}

TEST_CASE("calls are answered in both directions", "[link][session]") {
    LinkWorld world;
    world.connect();
    SessionHandlers handlers;
    handlers.on_call = [](std::string method,
                          std::string params) -> net::Task<Result<std::string>> {
        if (method == "fail") co_return Error(Problem::csr_refused, "weak");
        co_return params;
    };
    world.run(handlers);

    auto const good = world.loop.run(world.up->call("echo", R"({"a":1})", seconds(1)));
    auto const bad = world.loop.run(world.up->call("fail", "", seconds(1)));
    auto const none = world.loop.run(world.down->call("anything", "", seconds(1)));

    CHECK(good.value() == R"({"a":1})");
    REQUIRE(bad.has_error());
    CHECK(bad.error().code == make_error_code(Problem::csr_refused));
    REQUIRE(none.has_error());
    CHECK(none.error().code == make_error_code(Problem::not_found));
}

TEST_CASE("a call that is never answered times out", "[link][session]") {
    LinkWorld world;
    world.connect();  // and the other end is not served

    auto const done = world.loop.run(world.up->call("x", "", seconds(2)), world.timers);

    REQUIRE(done.has_error());
    CHECK(done.error().code == make_error_code(Problem::timed_out));
}

TEST_CASE("the latest status arrives, also one sent before the peer listened", "[link][session]") {
    LinkWorld world;
    world.connect();
    std::vector<std::string> seen;
    SessionHandlers at_up;
    at_up.on_status = [&seen](std::string status) { seen.push_back(std::move(status)); };
    world.down->send_status(R"({"n":1})");
    world.loop.poll();
    world.down->send_status(R"({"n":2})");
    world.loop.poll();

    world.run({}, at_up);
    world.down->send_status(R"({"n":3})");
    world.loop.poll();

    CHECK(seen == std::vector<std::string>{R"({"n":2})", R"({"n":3})"});
}

TEST_CASE("an idle link stays up on its pings", "[link][session]") {
    LinkWorld world;
    world.connect();
    world.run();

    world.loop.advance(world.timers, std::chrono::minutes(10));

    CHECK(world.up->alive());
    CHECK(world.down->alive());
    CHECK(world.timers.now() - world.up->last_heard() <= seconds(5));
}

TEST_CASE("a peer that went silent is noticed within fifteen seconds", "[link][session]") {
    LinkWorld world;
    world.connect();
    world.run();
    // The carrier takes bytes and delivers none: a router that lost its tables.
    world.wire->halves[0].capacity = world.wire->halves[1].capacity = 0;
    auto const heard = world.up->last_heard();

    auto const ending = world.loop.wait(*world.up_run, world.timers);

    world.loop.poll();
    // Whoever notices first aborts, and the other sees that.
    CHECK((ending.code == "peer_silent" || world.down_run->get().code == "peer_silent"));
    CHECK(world.timers.now() - heard == seconds(15));
    CHECK_FALSE(world.up->alive());
}

TEST_CASE("a reader that aborts its stream is a reset for the peer", "[link][session]") {
    LinkWorld world;
    world.connect();
    std::optional<Error> seen;
    SessionHandlers handlers;
    handlers.on_stream = [&seen](net::StreamPtr stream) -> net::Task<void> {
        std::array<std::byte, 10> buffer{};
        for (;;) {
            auto const got = co_await stream->read_some(buffer);
            if (got) continue;
            seen = got.error();
            break;
        }
    };
    world.run(handlers);
    auto const stream = world.loop.run(world.up->open()).value();
    world.loop.poll();

    stream->abort();
    world.loop.poll();

    REQUIRE(seen);
    CHECK(seen->code == boost::asio::error::connection_reset);
    std::array<std::byte, 10> buffer{};
    auto const read = world.loop.run(stream->read_some(buffer));
    CHECK(read.error().code == boost::asio::error::operation_aborted);
}

TEST_CASE("heartbeats pass while bulk is stuck at a reader that stands still", "[link][session]") {
    LinkWorld world;
    world.connect();
    SessionHandlers handlers;
    std::vector<net::StreamPtr> unread;
    handlers.on_stream = [&unread](net::StreamPtr stream) -> net::Task<void> {
        unread.push_back(std::move(stream));
        co_return;
    };
    world.run(handlers);
    std::string const bulk(1'000'000, 'x');
    auto const stream = world.loop.run(world.up->open()).value();
    auto writing = world.loop.start(stream->write_all(as_bytes(bulk)));

    world.loop.advance(world.timers, std::chrono::minutes(1));

    CHECK_FALSE(writing.done());
    CHECK(world.up->alive());
    CHECK(world.down->alive());
    stream->abort();
    world.loop.poll();
    CHECK(writing.done());
    unread.clear();
}

TEST_CASE("what is ready in one turn goes to the carrier in one write", "[link][session]") {
    LinkWorld world;
    world.connect();
    world.run(echoing());
    std::vector<net::StreamPtr> streams;
    for (int i = 0; i < 20; ++i) streams.push_back(world.loop.run(world.up->open()).value());
    world.loop.poll();
    auto const before = world.wire->halves[0].writes;

    std::vector<test::Pending<Result<void>>> writing;
    for (auto const& stream : streams)
        writing.push_back(world.loop.start(stream->write_all(as_bytes("hello"))));
    world.loop.poll();

    CHECK(world.wire->halves[0].writes - before <= 2);
}

}  // namespace adaos::session_test

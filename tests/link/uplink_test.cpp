#include "link/uplink.hpp"

#include "link/link_door.hpp"
#include "link/link_world.hpp"
#include "support/mem_network.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace adaos::uplink_test {

using namespace adaos::link;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Phase = UplinkState::Phase;

namespace {

net::Task<Result<std::string>> echo_call(Hello const&, std::string, std::string params) {
    co_return params;
}

/// An upstream at root.test:80, and the uplink of a hub.
struct UplinkWorld final : net::Handler {
    UplinkWorld()
        : env{loop.executor(), network, timers, clock, random, log.log()},
          door(LinkDoor::Deps{env, "hub", test::admit_all,
                              [](Hello const& hello) { return hello.subnet_id; }, echo_call},
               std::make_shared<net::TlsContext const>(
                   net::TlsContext::make_link_accepter(test::LinkCertificates::get().server,
                                                       test::LinkCertificates::get().anchors)
                       .value())),
          tasks(loop.executor(), log.log()),
          uplink(
              Uplink::Deps{loop.executor(), network, timers, clock, random, up_log.log(),
                           SessionTimes()},
              [this]() -> Result<Target> {
                  if (missing) return Error(Problem::not_joined, "no certificate");
                  return target();
              },
              SessionHandlers()) {
        uplink.on_change(
            [this] { phases.push_back(std::string(phase_name(uplink.state().phase))); });
        at.host = "root.test";
        at.port = 80;
    }
    ~UplinkWorld() override {
        if (running && !running->done()) stop();
        stopping = true;
        close_upstream();
        loop.run(tasks.stop(), timers);
    }

    static Target target() {
        auto const& certificates = test::LinkCertificates::get();
        Target t;
        t.url = net::parse_url("http://root.test:80/ws/hub?token=none").value();
        t.identity = certificates.hub;
        t.anchors_pem = certificates.anchors;
        t.hello = test::hub_hello();
        return t;
    }

    net::Task<void> handle(net::Exchange& exchange) override { co_await door.serve(exchange); }
    net::Task<void> serve(net::StreamPtr stream) {
        co_await net::serve_http(std::move(stream), net::Peer(), *this, timers, net::HttpLimits(),
                                 stopping, log.log());
    }
    net::Task<void> accept(net::Acceptor& from) {
        for (;;) {
            auto accepted = co_await from.accept();
            if (!accepted) break;
            tasks.spawn(serve(std::move(accepted->stream)));
        }
    }
    void open_upstream() {
        acceptor = network.listen(at).value();
        tasks.spawn(accept(*acceptor));
        loop.poll();
    }
    void close_upstream() {
        if (acceptor) acceptor->close();
        loop.poll();
        acceptor.reset();
    }
    void start() {
        running.emplace(loop.start(uplink.run()));
        loop.poll();
    }
    void stop() { loop.run(uplink.stop(), timers); }
    void pass(milliseconds time) { loop.advance(timers, time); }
    [[nodiscard]] std::ptrdiff_t infos() const {
        return std::count_if(up_log.lines.begin(), up_log.lines.end(),
                             [](std::string const& line) { return line.substr(0, 5) == "info "; });
    }

    test::Loop loop;
    test::TestClock clock{SystemClock().wall()};  // the certificates are of today
    test::ManualTimers timers{clock};
    test::SeededRandom random{7};
    test::LogLines log;
    test::LogLines up_log;
    test::MemNetwork network{timers};
    net::Env env;
    LinkDoor door;
    net::Endpoint at;
    std::unique_ptr<net::Acceptor> acceptor;
    bool stopping = false;
    bool missing = false;
    std::vector<std::string> phases;
    net::TaskGroup tasks;
    Uplink uplink;
    std::optional<test::Pending<void>> running;
};

}  // namespace

TEST_CASE("an uplink connects, and says so", "[link][uplink]") {
    UplinkWorld world;
    world.open_upstream();

    world.start();

    CHECK(world.uplink.connected());
    CHECK(world.uplink.state().upstream == "http://root.test/ws/hub");
    CHECK(world.uplink.state().last_error.empty());
    CHECK(world.uplink.state().connects == 1);
    CHECK(world.uplink.state().ack->node_id == "root");
    CHECK(world.door.links().find(test::some_subnet) != nullptr);
    CHECK(world.phases == std::vector<std::string>{"connecting", "handshaking", "connected"});
    auto const answer = world.loop.run(world.uplink.session()->call("x", R"({"a":1})", seconds(1)));
    CHECK(answer.value() == R"({"a":1})");
}

TEST_CASE("an upstream that is away is dialled until it is back, with one line each way",
          "[link][uplink]") {
    UplinkWorld world;
    world.start();
    CHECK(world.uplink.state().phase == Phase::waiting);
    CHECK(world.uplink.state().last_error_id == "ADAOS-U001");
    CHECK(world.uplink.state().next_try.has_value());

    world.pass(minutes(10));
    CHECK_FALSE(world.uplink.connected());
    CHECK(world.infos() == 1);
    auto const dialled = world.network.dialled();
    CHECK(dialled >= 600 / 4);
    CHECK(dialled <= 400);

    world.open_upstream();
    world.pass(seconds(15));
    CHECK(world.uplink.connected());
    CHECK(world.infos() == 2);
}

TEST_CASE("a cut carrier is replaced within a second after a stable session", "[link][uplink]") {
    UplinkWorld world;
    world.open_upstream();
    world.start();
    world.pass(minutes(1));
    REQUIRE(world.uplink.connected());

    world.network.cut();
    world.loop.poll();
    CHECK_FALSE(world.uplink.connected());
    CHECK(world.uplink.state().last_error_id == "ADAOS-R005");
    CHECK(world.uplink.session() == nullptr);

    world.pass(seconds(1));
    CHECK(world.uplink.connected());
    CHECK(world.uplink.state().connects == 2);
    CHECK(world.door.links().keys().size() == 1);
    CHECK(world.infos() == 3);
}

TEST_CASE("a silent carrier is not called connected for longer than fifteen seconds",
          "[link][uplink]") {
    UplinkWorld world;
    world.open_upstream();
    world.start();
    world.pass(minutes(1));

    world.network.silence();
    world.pass(seconds(10));
    CHECK(world.uplink.connected());
    world.pass(seconds(5));
    CHECK_FALSE(world.uplink.connected());
    world.pass(seconds(2));
    CHECK(world.uplink.connected());
}

TEST_CASE("what is missing is waited for, and wake does not wait", "[link][uplink]") {
    UplinkWorld world;
    world.missing = true;
    world.open_upstream();
    world.start();
    world.pass(minutes(1));
    CHECK(world.uplink.state().phase == Phase::idle);
    CHECK(world.uplink.state().last_error.find("no certificate") != std::string::npos);
    CHECK(world.network.dialled() == 0);

    world.missing = false;
    world.uplink.wake("joined");
    world.loop.poll();

    CHECK(world.uplink.connected());
}

TEST_CASE("wake replaces a live session without a pause", "[link][uplink]") {
    UplinkWorld world;
    world.open_upstream();
    world.start();
    auto const before = world.uplink.session();

    world.uplink.wake("certificate renewed");
    world.loop.poll();

    CHECK_FALSE(before->alive());
    CHECK(world.uplink.connected());
    CHECK(world.uplink.state().connects == 2);
    CHECK(world.infos() == 1);  // nothing was lost
}

TEST_CASE("wake ends an attempt that hangs", "[link][uplink]") {
    UplinkWorld world;
    world.network.set_fate(world.at, test::MemNetwork::Fate::black_hole);
    world.open_upstream();
    world.start();
    CHECK(world.uplink.state().phase == Phase::connecting);

    world.network.set_fate(world.at, test::MemNetwork::Fate::reachable);
    world.uplink.wake("the network changed");
    world.loop.poll();

    CHECK(world.uplink.connected());
}

TEST_CASE("an upstream that takes connections and says nothing is given up", "[link][uplink]") {
    UplinkWorld world;
    world.acceptor = world.network.listen(world.at).value();  // nobody accepts
    world.start();
    CHECK(world.uplink.state().phase == Phase::connecting);

    world.pass(seconds(5));

    CHECK(world.uplink.state().phase == Phase::waiting);
    CHECK(world.uplink.state().last_error_id == "ADAOS-U002");
}

TEST_CASE("an upstream that drains is dialled again soon", "[link][uplink]") {
    UplinkWorld world;
    world.open_upstream();
    world.start();

    world.door.links().end_all("draining", "restart");
    world.loop.poll();
    CHECK_FALSE(world.uplink.connected());
    world.pass(seconds(1));

    CHECK(world.uplink.connected());
}

TEST_CASE("a second machine with the same identity takes the place, and both are told",
          "[link][uplink]") {
    UplinkWorld world;
    world.open_upstream();
    world.start();
    Uplink copy(
        Uplink::Deps{world.loop.executor(), world.network, world.timers, world.clock, world.random,
                     Log(), SessionTimes()},
        [] { return Result<Target>(UplinkWorld::target()); }, SessionHandlers());

    auto running = world.loop.start(copy.run());
    world.loop.poll();

    CHECK(copy.connected());
    CHECK_FALSE(world.uplink.connected());
    CHECK(world.uplink.state().last_error_id == "ADAOS-T004");
    CHECK(world.door.links().keys().size() == 1);
    world.stop();
    world.loop.run(copy.stop(), world.timers);
    CHECK(running.done());
}

TEST_CASE("stop says goodbye and ends run", "[link][uplink]") {
    UplinkWorld world;
    world.open_upstream();
    world.start();
    auto const at_upstream = world.door.links().find(test::some_subnet);

    world.stop();
    world.loop.poll();

    CHECK(world.running->done());
    CHECK_FALSE(at_upstream->alive());
    CHECK(world.door.links().find(test::some_subnet) == nullptr);
    CHECK(world.log.has("cause=draining"));
}

TEST_CASE("a cancelled owner ends an uplink in any phase", "[link][uplink]") {
    auto const fate = GENERATE(test::MemNetwork::Fate::reachable, test::MemNetwork::Fate::refusing,
                               test::MemNetwork::Fate::black_hole);
    UplinkWorld world;
    world.network.set_fate(world.at, fate);
    world.open_upstream();
    world.start();

    world.running->cancel();
    world.pass(seconds(2));

    CHECK(world.running->done());
}

}  // namespace adaos::uplink_test

// A link made anew before the old one goes; when a certificate is renewed.
#include "link/link_door.hpp"
#include "link/link_world.hpp"
#include "link/renewer.hpp"
#include "link/uplink.hpp"
#include "support/mem_network.hpp"

#include <catch2/catch.hpp>

namespace adaos::renewal_test {

using namespace adaos::link;
using namespace std::chrono_literals;

namespace {

constexpr auto day = 24h;

net::Task<Result<std::string>> echo_call(Hello const&, std::string, std::string params) {
    co_return params;
}

/// Echoes what comes down the link.
net::Task<void> echo(net::StreamPtr stream) {
    std::vector<std::byte> buffer(1024);
    for (;;) {
        auto const got = co_await stream->read_some(buffer);
        if (!got) break;
        auto const wrote = co_await stream->write_all(std::span(buffer).first(*got));
        if (!wrote) break;
    }
}

/// An upstream at root.test:80 and an uplink to it.
struct RenewalWorld final : net::Handler {
    RenewalWorld() {
        tasks.spawn(accept());
        running.emplace(loop.start(uplink.run()));
        loop.poll();
    }
    ~RenewalWorld() override {
        loop.run(uplink.stop(), timers);
        stopping = true;
        acceptor->close();
        loop.run(tasks.stop(), timers);
    }
    Result<Target> target() {
        Target t;
        t.url = net::parse_url("http://root.test:80/ws/hub").value();
        t.identity = test::LinkCertificates::get().hub;
        t.anchors_pem = test::LinkCertificates::get().anchors;
        t.hello = test::hub_hello();
        return t;
    }
    static SessionHandlers handlers() {
        SessionHandlers out;
        out.on_stream = echo;
        return out;
    }
    static std::shared_ptr<net::TlsContext const> tls() {
        auto const& certificates = test::LinkCertificates::get();
        return std::make_shared<net::TlsContext const>(
            net::TlsContext::make_link_accepter(certificates.server, certificates.anchors).value());
    }
    net::Task<void> handle(net::Exchange& exchange) override { co_await door.serve(exchange); }
    net::Task<void> serve(net::StreamPtr stream) {
        co_await net::serve_http(std::move(stream), net::Peer(), *this, timers, net::HttpLimits(),
                                 stopping, Log());
    }
    net::Task<void> accept() {
        for (;;) {
            auto accepted = co_await acceptor->accept();
            if (!accepted) break;
            tasks.spawn(serve(std::move(accepted->stream)));
        }
    }
    SessionPtr at_upstream() { return door.links().find(test::some_subnet); }
    Result<void> renew() { return loop.run(uplink.renew(), timers); }
    std::string talk(net::ByteStream& stream, std::string const& text) {
        loop.run(stream.write_all(as_bytes(text)), timers).value();
        std::vector<std::byte> buffer(64);
        auto const got = loop.run(stream.read_some(buffer), timers);
        return got ? std::string(as_text(std::span(buffer).first(*got))) : "";
    }

    test::Loop loop;
    test::TestClock clock{SystemClock().wall()};
    test::ManualTimers timers{clock};
    test::SeededRandom random{7};
    test::MemNetwork network{timers};
    net::Env env{loop.executor(), network, timers, clock, random, Log()};
    LinkDoor door{LinkDoor::Deps{env, "hub", test::admit_all,
                                 [](Hello const& hello) { return hello.subnet_id; }, echo_call},
                  tls()};
    net::Endpoint at{"root.test", 80};
    std::unique_ptr<net::Acceptor> acceptor = network.listen(at).value();
    bool stopping = false;
    net::TaskGroup tasks{loop.executor(), Log()};
    Uplink uplink{
        Uplink::Deps{loop.executor(), network, timers, clock, random, Log(), SessionTimes()},
        [this] { return target(); }, handlers()};
    std::optional<test::Pending<void>> running;
};

/// A certificate, and what a Renewer does about it.
struct RenewerWorld {
    RenewerWorld() : certificate(issue()) { running.emplace(loop.start(renewer.run())); }
    ~RenewerWorld() {
        renewer.stop();
        loop.advance(timers, 10min);
    }
    pki::Certificate issue() {
        pki::NodeIdentity const who{test::some_subnet, test::some_node, false};
        return pki::Certificate::from_pem(ca.issue_node(key, who, clock.wall(), random).value())
            .value();
    }
    net::Task<Result<void>> renew() {
        ++asked;
        if (down) co_return Error(Problem::link_lost, "no link");
        certificate = issue();
        co_return Result<void>();
    }
    net::Task<Result<void>> take_up() {
        ++taken;
        if (taken <= failing_dials) co_return Error(Problem::unreachable, "the dial");
        co_return Result<void>();
    }

    test::Loop loop;
    test::TestClock clock;
    test::ManualTimers timers{clock};
    test::SeededRandom random{7};
    test::LogLines log;
    test::MemNetwork network{timers};
    pki::Key key = pki::Key::make(pki::KeyType::p256).value();
    pki::Authority ca =
        pki::Authority::make("ca", "", pki::KeyType::p256, clock.wall(), random).value();
    pki::Certificate certificate;
    int asked = 0;
    int taken = 0;
    int failing_dials = 0;
    bool down = false;
    Renewer renewer{{net::Env{loop.executor(), network, timers, clock, random, log.log()},
                     [this] { return std::optional(certificate); }, [this] { return renew(); },
                     [this] { return take_up(); }}};
    std::optional<test::Pending<void>> running;
};

}  // namespace

TEST_CASE("a renewed link takes over while streams of the old one go on", "[link][renewal]") {
    RenewalWorld w;
    auto const before = w.at_upstream();
    auto stream = w.loop.run(before->open()).value();
    CHECK(w.talk(*stream, "one") == "one");

    REQUIRE(w.renew().has_value());
    w.loop.poll();

    CHECK(w.uplink.connected());
    CHECK(w.uplink.state().connects == 2);
    auto const after = w.at_upstream();
    CHECK(after != before);
    CHECK(before->alive());
    w.loop.advance(w.timers, 1min);
    CHECK(w.talk(*stream, "two") == "two");
    auto fresh = w.loop.run(after->open()).value();
    CHECK(w.talk(*fresh, "three") == "three");

    stream.reset();
    w.loop.advance(w.timers, 3s);
    CHECK_FALSE(before->alive());
    CHECK(after->alive());
    CHECK(w.uplink.connected());
    CHECK(w.talk(*fresh, "four") == "four");
}

TEST_CASE("a renewal that cannot dial leaves the link as it was", "[link][renewal]") {
    RenewalWorld w;
    auto const before = w.at_upstream();
    w.network.set_fate(w.at, test::MemNetwork::Fate::black_hole);

    CHECK(w.renew().has_error());

    CHECK(w.uplink.connected());
    CHECK(w.uplink.state().connects == 1);
    CHECK(w.at_upstream() == before);
    CHECK(before->alive());
}

TEST_CASE("retired links are few, and end with their certificate", "[link][renewal]") {
    RenewalWorld w;
    std::vector<SessionPtr> old;
    std::vector<net::StreamPtr> streams;
    for (std::size_t i = 0; i < Downlinks::max_retired + 2; ++i) {
        old.push_back(w.at_upstream());
        streams.push_back(w.loop.run(old.back()->open()).value());
        REQUIRE(w.renew().has_value());
        w.loop.poll();
    }
    CHECK_FALSE(old[0]->alive());
    CHECK_FALSE(old[1]->alive());
    CHECK(old[2]->alive());

    w.clock.set_wall(w.clock.wall() + 31 * day);
    w.loop.advance(w.timers, 2s);

    for (auto const& session : old) CHECK_FALSE(session->alive());
    CHECK(w.uplink.connected());
}

TEST_CASE("a peer that is dropped loses its retired links, too", "[link][renewal]") {
    RenewalWorld w;
    auto const before = w.at_upstream();
    auto const stream = w.loop.run(before->open()).value();
    REQUIRE(w.renew().has_value());
    w.loop.poll();
    auto const after = w.at_upstream();

    CHECK(w.door.links().drop(test::some_subnet, "node_revoked", "removed"));
    w.loop.poll();

    CHECK_FALSE(before->alive());
    CHECK_FALSE(after->alive());
    CHECK_FALSE(w.uplink.connected());
    CHECK(w.uplink.state().last_error_id == "ADAOS-T005");
    CHECK(*w.uplink.state().next_try > w.clock.wall() + 9min);
    CHECK_FALSE(w.door.links().drop(test::some_subnet, "node_revoked", "removed"));
}

TEST_CASE("a certificate is renewed between half and 55 hundredths of its life",
          "[link][renewal]") {
    RenewerWorld w;
    auto const begin = w.clock.wall();
    CHECK(renewal_time(w.certificate, 0.0) == begin + 15 * day);
    CHECK(renewal_time(w.certificate, 1.0) == begin + 15 * day + 36h);

    w.clock.set_wall(begin + 15 * day - 2min);
    w.loop.advance(w.timers, 61s);
    CHECK(w.asked == 0);
    w.clock.set_wall(begin + 15 * day + 36h);
    w.loop.advance(w.timers, 61s);
    CHECK(w.asked == 1);
    CHECK(w.taken == 1);
    w.loop.advance(w.timers, 10min);
    CHECK(w.asked == 1);
}

TEST_CASE("a failed renewal is tried again, less and less often", "[link][renewal]") {
    RenewerWorld w;
    w.down = true;
    w.clock.set_wall(w.clock.wall() + 17 * day);

    w.loop.advance(w.timers, 60s);
    CHECK(w.asked >= 3);
    auto const soon = w.asked;
    w.loop.advance(w.timers, 1h);
    CHECK(w.asked - soon > 10);
    CHECK(w.asked - soon < 90);
    CHECK(w.log.has("warning certificate not renewed yet"));

    w.down = false;
    w.loop.advance(w.timers, 6min);
    CHECK(w.taken == 1);
}

TEST_CASE("a new certificate that is not in use yet is not asked for again", "[link][renewal]") {
    RenewerWorld w;
    w.failing_dials = 3;
    w.clock.set_wall(w.clock.wall() + 17 * day);

    w.loop.advance(w.timers, 10min);

    CHECK(w.asked == 1);
    CHECK(w.taken == 4);
}

}  // namespace adaos::renewal_test

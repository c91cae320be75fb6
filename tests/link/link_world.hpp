#pragma once
/// Two ends of a link in memory: certificates, a pipe between them, time moved by hand.

#include "base/problem.hpp"
#include "link/session.hpp"
#include "pki/authority.hpp"
#include "support/log_lines.hpp"
#include "support/manual_timers.hpp"
#include "support/mem_stream.hpp"
#include "support/run.hpp"
#include "support/seeded_random.hpp"
#include "support/test_clock.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace adaos::test {

inline constexpr char const* some_subnet = "sn_0123abcd";
inline constexpr char const* some_node = "11111111-2222-4333-8444-555555555555";

/// Certificates of one Root, made once: they cost more than a whole test.
struct LinkCertificates {
    LinkCertificates() {
        auto const key = pki::Key::make(pki::KeyType::p256).value();
        SystemRandom random;
        auto const root =
            pki::Authority::make("test root", "", pki::KeyType::p256, SystemClock().wall(), random)
                .value();
        auto const stranger = pki::Authority::make("another root", "", pki::KeyType::p256,
                                                   SystemClock().wall(), random)
                                  .value();
        auto const now = SystemClock().wall();
        anchors = root.chain_pem();
        pki::NodeIdentity who{some_subnet, some_node, true};
        hub = {root.issue_node(key, who, now, random).value(), key.to_pem()};
        stranger_hub = {stranger.issue_node(key, who, now, random).value(), key.to_pem()};
        who.hub = false;
        member = {root.issue_node(key, who, now, random).value(), key.to_pem()};
        server = {
            root.issue_server(key, {"root.test"}, pki::Authority::Kind::root, now, random).value(),
            key.to_pem()};
    }
    static LinkCertificates const& get() {
        static LinkCertificates const made;
        return made;
    }
    std::string anchors;
    net::TlsIdentity hub;
    net::TlsIdentity member;
    net::TlsIdentity stranger_hub;
    net::TlsIdentity server;
};

inline link::Hello hub_hello() {
    link::Hello hello;
    hello.node_id = some_node;
    hello.subnet_id = some_subnet;
    hello.role = "hub";
    hello.name = "attic";
    hello.version = "0.1.0";
    hello.instance = "abc";
    return hello;
}

inline net::Task<link::HelloAck> admit_all(pki::Certificate const&, link::Hello const& hello) {
    link::HelloAck ack;
    ack.ok = true;
    ack.node_id = "root";
    ack.subnet_id = hello.subnet_id;
    co_return ack;
}

struct LinkWorld {
    explicit LinkWorld(net::TlsIdentity const& dialler = LinkCertificates::get().hub)
        : accepter_tls(net::TlsContext::make_link_accepter(LinkCertificates::get().server,
                                                           LinkCertificates::get().anchors)
                           .value()),
          dialler_tls(net::TlsContext::make_link_dialler(dialler, LinkCertificates::get().anchors)
                          .value()) {
        auto ends = pair();
        wire = static_cast<MemPipe&>(*ends.first).link();
        up_carrier = std::move(ends.first);
        down_carrier = std::move(ends.second);
    }

    [[nodiscard]] link::SessionEnv env() {
        return {loop.executor(), timers, log.log(), link::SessionTimes()};
    }
    /// Both halves of the handshake.
    void connect(link::Hello hello = hub_hello(), link::Admit admit = admit_all) {
        auto accepting =
            loop.start(accept_session(env(), accepter_tls, std::move(up_carrier), admit));
        auto dialling = loop.start(
            dial_session(env(), dialler_tls, std::move(down_carrier), check, std::move(hello)));
        while (!(accepting.done() && dialling.done())) {
            loop.poll();
            if (!(accepting.done() && dialling.done()) && !timers.fire_next()) break;
        }
        auto accepted = accepting.get();
        auto dialled = dialling.get();
        if (accepted) up = std::move(*accepted);
        if (dialled) down = std::move(*dialled);
        if (!accepted) up_error = accepted.error();
        if (!dialled) down_error = dialled.error();
    }
    /// Serves both ends, once connected.
    void run(link::SessionHandlers at_down = {}, link::SessionHandlers at_up = {}) {
        up_run.emplace(loop.start(up->run(std::move(at_up))));
        down_run.emplace(loop.start(down->run(std::move(at_down))));
        loop.poll();
    }
    /// Ends what is left, so that nothing is destroyed while it runs.
    ~LinkWorld() {
        if (up) up->abort();
        if (down) down->abort();
        loop.poll();
        up.reset();
        down.reset();
        loop.poll();
    }

    Loop loop;
    ManualTimers timers;
    LogLines log;
    net::TlsContext accepter_tls;
    net::TlsContext dialler_tls;
    std::shared_ptr<MemPipe::Link> wire;
    net::StreamPtr up_carrier;
    net::StreamPtr down_carrier;
    link::CheckPeer check;
    link::SessionPtr up;  ///< of the accepter, or null
    link::SessionPtr down;
    std::optional<Error> up_error;
    std::optional<Error> down_error;
    std::optional<Pending<link::Ending>> up_run;
    std::optional<Pending<link::Ending>> down_run;
};

}  // namespace adaos::test

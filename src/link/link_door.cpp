#include "link/link_door.hpp"

#include "link/certificate_end.hpp"
#include "net/ws.hpp"

namespace adaos::link {
namespace {

constexpr std::chrono::milliseconds sweep_step{1000};

}  // namespace

LinkDoor::LinkDoor(Deps deps, std::shared_ptr<net::TlsContext const> tls)
    : deps_(std::move(deps)), tls_(std::move(tls)) {}

net::Task<void> LinkDoor::serve(net::Exchange& exchange) {
    auto const address = exchange.peer().address;
    bool const through_upstream = exchange.peer().via == net::Peer::Via::link;
    auto carrier = co_await net::ws_accept(exchange);
    if (!carrier) co_return;
    auto const& log = deps_.env.log;
    SessionEnv const env{deps_.env.loop, deps_.env.timers, log, SessionTimes{}};
    auto const tls = tls_;
    auto accepted = co_await accept_session(env, *tls, std::move(*carrier), deps_.admit);
    if (!accepted) {
        log.debug("link refused", {{"peer", address}, {"cause", accepted.error().message()}});
        co_return;
    }
    auto const session = std::move(*accepted);
    auto const hello = session->hello();
    auto const key = deps_.key(hello);
    auto const generation = links_.put(key, session, deps_.env.clock.wall());
    if (through_upstream) links_.mark_through_upstream(key, generation);
    sweep_retired();
    log.info(deps_.peer_kind + " linked", {{"subnet", hello.subnet_id}, {"node", hello.node_id}});
    SessionHandlers handlers;
    handlers.on_call = [this, hello](std::string method, std::string params) {
        return deps_.on_call(hello, std::move(method), std::move(params));
    };
    handlers.on_status = [this, key, generation](std::string status) {
        links_.set_status(key, generation, std::move(status));
    };
    CertificateEnd const watch(deps_.env.timers, deps_.env.clock, *session);
    auto const ending = co_await session->run(std::move(handlers));
    if (!links_.remove(key, generation)) co_return;  // a newer session has taken the place
    log.info(deps_.peer_kind + " lost", {{"subnet", hello.subnet_id},
                                         {"node", hello.node_id},
                                         {"cause", ending.code},
                                         {"detail", ending.detail}});
}

void LinkDoor::sweep_retired() {
    if (!links_.has_retired() || sweep_) return;
    sweep_ = deps_.env.timers.call_after(sweep_step, [this] {
        sweep_.reset();
        links_.sweep(deps_.env.clock.wall());
        sweep_retired();
    });
}

}  // namespace adaos::link

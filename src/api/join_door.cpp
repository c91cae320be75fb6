#include "api/join_door.hpp"

#include "api/open_pages.hpp"
#include "base/problem.hpp"

namespace adaos::api {

void JoinDoor::add_route(Router& router, std::string path) {
    router.add("POST", std::move(path),
               [this](net::Exchange& exchange, PathParts) { return handle(exchange); });
}

net::Task<void> JoinDoor::handle(net::Exchange& exchange) {
    auto const& peer = exchange.peer();
    if (peer.via == net::Peer::Via::link || (!peer.tls && !peer.loopback)) {
        Error error(Problem::join_needs_proof, "this connection is not TLS");
        co_await answer_error(exchange, std::move(error));
        co_return;
    }
    auto const body = co_await json_body(exchange);
    if (!body) co_return;
    auto request = parse_join_request(*body);
    if (!request) {
        co_await answer_error(exchange, request.error());
        co_return;
    }
    auto order = std::move(request->order);
    order.secret = Secret(std::move(request->code));
    order.source = peer.address;
    auto done = co_await admit(std::move(order));
    if (!done) {
        co_await answer_error(exchange, done.error());
        co_return;
    }
    (void)co_await net::respond_json(exchange, 200, std::move(*done));
}

net::Task<Result<std::string>> JoinDoor::admit(enrol::RedeemOrder order) {
    order.subnet_id = deps_.subnet_id;
    auto const source = order.source;
    auto done = co_await deps_.desk.redeem(std::move(order), deps_.sign);
    if (!done) {
        auto const cause = done.error().message();
        if (describe(done.error().code).http_status >= 500)
            deps_.log.error("join failed", {{"source", source}, {"cause", cause}});
        else
            deps_.log.debug("join refused", {{"source", source}, {"cause", cause}});
        co_return done.error();
    }
    auto const place = co_await deps_.place(done->node.subnet_id);
    if (!place) co_return place.error();
    deps_.log.info("node joined", {{"node", done->node.node_id},
                                   {"name", done->node.name},
                                   {"subnet", done->node.subnet_id},
                                   {"replayed", done->replayed ? "yes" : "no"}});
    deps_.admitted(done->node);
    co_return join_answer(*done, *place, deps_.desk.clock().wall());
}

}  // namespace adaos::api

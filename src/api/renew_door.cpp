#include "api/renew_door.hpp"

#include "api/attempt.hpp"
#include "api/renewal.hpp"
#include "base/problem.hpp"
#include "pki/pinned.hpp"

namespace adaos::api {

void RenewDoor::add_route(Router& router) {
    router.add("POST", "/v1/enrol/renew",
               [this](net::Exchange& exchange, PathParts) { return handle(exchange); });
}

net::Task<void> RenewDoor::handle(net::Exchange& exchange) {
    auto const shown = exchange.peer().certificate;
    if (!shown) {
        Error error(Problem::unauthorized, "the certificate that is to be renewed is needed");
        co_await refuse_attempt(exchange, deps_.desk, std::move(error));
        co_return;
    }
    auto body = co_await attempt_body(exchange, deps_.desk, Overheard::maybe);
    if (!body) co_return;
    auto done = co_await renew(*shown, std::move(*body));
    if (!done) {
        deps_.log.debug("renewal refused",
                        {{"source", exchange.peer().address}, {"cause", done.error().message()}});
        co_await refuse_attempt(exchange, deps_.desk, done.error());
        co_return;
    }
    (void)co_await net::respond_json(exchange, 200, std::move(*done));
}

/// The handshake has proved `shown` and its key: here it only has to be an agent's of ours.
net::Task<Result<std::string>> RenewDoor::renew(pki::Certificate shown, std::string body) {
    auto const ask = parse_renew_ask(body);
    if (!ask) co_return ask.error();
    auto const who = shown.node();
    bool const ours = who && shown.is_agent() &&
                      (deps_.subnet_id.empty() || deps_.subnet_id == who->subnet_id) &&
                      deps_.desk.clock().wall() < shown.not_after();
    if (!ours) co_return Error(Problem::unauthorized, "an agent's certificate is needed");
    enrol::RenewOrder order;
    order.node_id = who->node_id;
    order.subnet_id = who->subnet_id;
    order.csr_pem = ask->csr_pem;
    order.actor = who->node_id;
    order.key = enrol::RenewOrder::Key::must_stay;
    auto const done = co_await deps_.desk.renew(std::move(order), deps_.sign);
    if (!done) co_return done.error();
    deps_.log.info("certificate renewed", {{"node", who->node_id}, {"subnet", who->subnet_id}});
    auto const ca = pki::issuer_among(done->certificate_pem, deps_.cas_pem());
    if (!ca) co_return ca.error();
    RenewAnswer answer{done->certificate_pem, ca->to_pem(), std::string()};
    co_return to_json(answer);
}

}  // namespace adaos::api

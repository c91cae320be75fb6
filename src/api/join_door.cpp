#include "api/join_door.hpp"

#include "api/attempt.hpp"
#include "api/open_pages.hpp"
#include "base/problem.hpp"
#include "pki/request.hpp"

namespace adaos::api {
namespace {

/// A script brings a code and a node id: its key is made here, and leaves in the answer only.
Result<Secret> bring_request(enrol::RedeemOrder& order) {
    auto const key = pki::Key::make(pki::KeyType::p256);
    if (!key) return key.error();
    auto csr = pki::make_request(*key, order.node_id);
    if (!csr) return csr.error();
    order.csr_pem = std::move(*csr);
    return key->to_pem();
}

std::string_view adaos_words_for(Error const& error) {
    if (error.code == Problem::code_unknown) return "join-code not found";
    if (error.code == Problem::code_expired) return "join-code expired";
    if (error.code == Problem::code_used) return "join-code already used";
    if (error.code == Problem::code_blank) return "code is required";
    return "";
}

}  // namespace

Error in_adaos_words(Error error) {
    auto const words = adaos_words_for(error);
    if (!words.empty()) return with_context(std::move(error), words);
    if (error.context.empty()) error.context = describe(error.code).title;
    return error;
}

void JoinDoor::add_route(Router& router, std::string path) {
    router.add("POST", std::move(path),
               [this](net::Exchange& exchange, PathParts) { return handle(exchange); });
}

net::Task<void> JoinDoor::handle(net::Exchange& exchange) {
    auto const body = co_await read_attempt(exchange, Overheard::never);
    auto request = body ? parse_join_request(*body) : Result<JoinRequest>(body.error());
    if (!request) {
        count_refusal(exchange, deps_.desk, request.error());
        co_await answer_error(exchange, in_adaos_words(request.error()));
        co_return;
    }
    auto order = std::move(request->order);
    order.secret = Secret(std::move(request->code));
    order.source = exchange.peer().address;
    order.door = exchange.request().path();
    auto made_key = order.csr_pem.empty() ? bring_request(order) : Result<Secret>(Secret());
    Result<std::string> done = Error(Problem::internal, "");
    if (made_key)
        done = co_await admit(std::move(order), std::move(*made_key));
    else
        done = made_key.error();
    if (!done) {
        co_await answer_error(exchange, in_adaos_words(done.error()));
        co_return;
    }
    (void)co_await net::respond_json(exchange, 200, std::move(*done));
}

net::Task<Result<std::string>> JoinDoor::admit(enrol::RedeemOrder order, Secret made_key) {
    order.subnet_id = deps_.subnet_id;
    auto const source = order.source;
    auto done = co_await deps_.desk.redeem(std::move(order), deps_.sign);
    if (!done) {
        auto const cause = done.error().message();
        if (describe(done.error().code).http_status >= 500)
            deps_.log.error("join failed", {{"source", source}, {"cause", cause}});
        else if (done.error().code == Problem::code_unknown)
            deps_.log.warning("a wrong join code was tried", {{"source", source}});
        else
            deps_.log.debug("join refused", {{"source", source}, {"cause", cause}});
        co_return done.error();
    }
    deps_.log.info("node joined", {{"node", done->node.node_id},
                                   {"name", done->node.name},
                                   {"subnet", done->node.subnet_id},
                                   {"replayed", done->replayed ? "yes" : "no"}});
    deps_.admitted(done->node);
    co_return join_answer(*done, deps_.place(*done), deps_.desk.clock().wall(), made_key.reveal());
}

}  // namespace adaos::api

#include "api/recover_door.hpp"

#include "api/attempt.hpp"
#include "api/open_pages.hpp"
#include "api/renewal.hpp"
#include "base/problem.hpp"

namespace adaos::api {
namespace {

constexpr std::chrono::minutes keep_given{1};

}  // namespace

void RecoverDoor::add_route(Router& router) {
    router.add("POST", "/v1/enrol/recover",
               [this](net::Exchange& exchange, PathParts) { return handle(exchange); });
}

net::Task<void> RecoverDoor::handle(net::Exchange& exchange) {
    auto body = co_await attempt_body(exchange, deps_.desk, Overheard::maybe);
    if (!body) co_return;
    auto const source = exchange.peer().address;
    auto const cert = co_await recover(std::move(*body), source);
    if (!cert) {
        deps_.log.debug("recovery refused",
                        {{"source", source}, {"cause", cert.error().message()}});
        co_await refuse_attempt(exchange, deps_.desk, cert.error());
        co_return;
    }
    auto json = recover_answer(*cert);
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

/// Whose certificate it is: one of ours, of the right kind, and not too old.
Result<RecoverDoor::Whose> RecoverDoor::check(std::string const& cert_pem) const {
    auto const leaf = pki::Certificate::from_pem(cert_pem);
    if (!leaf) return leaf.error();
    auto const now = deps_.desk.clock().wall();
    // Everything but its end counts, so it is judged as of its last second.
    auto const last = leaf->not_after() - std::chrono::seconds(1);
    auto const ours = pki::verify_chain(cert_pem, deps_.anchors(), std::min<WallTime>(now, last));
    if (!ours) return Error(Problem::csr_refused, "the old certificate: " + ours.error().context);
    auto const who = ours->node();
    bool const is_agent = leaf->is_agent();
    bool const right = who && (is_agent || who->hub == deps_.for_hubs) &&
                       (deps_.subnet_id.empty() || who->subnet_id == deps_.subnet_id);
    if (!right) return Error(Problem::csr_refused, "the old certificate is not for a node of ours");
    if (now >= leaf->not_after() + deps_.budget)
        return Error(Problem::certificate_too_old, "it ended at " + rfc3339(leaf->not_after()));
    return Whose{who->node_id, who->subnet_id, is_agent};
}

net::Task<Result<std::string>> RecoverDoor::recover(std::string body, std::string source) {
    auto const ask = parse_recover_ask(body);
    if (!ask) co_return ask.error();
    auto const who = check(ask->cert_pem);
    if (!who) co_return who.error();
    auto const now = deps_.desk.clock().wall();
    std::erase_if(given_, [now](auto const& one) {
        return now >= one.second.at + keep_given || now < one.second.at;
    });
    auto const before = given_.find(who->node_id);
    if (before != given_.end() && before->second.csr_pem == ask->csr_pem)
        co_return before->second.cert_pem;
    enrol::RenewOrder order;
    order.node_id = who->node_id;
    order.subnet_id = who->subnet_id;
    order.csr_pem = ask->csr_pem;
    order.actor = std::move(source);
    order.key = enrol::RenewOrder::Key::must_stay;
    order.is_late = true;
    auto sign = who->is_agent ? deps_.sign_agent : deps_.sign;
    auto const done = co_await deps_.desk.renew(std::move(order), std::move(sign));
    if (!done) co_return done.error();
    deps_.log.info("certificate recovered", {{"node", who->node_id}, {"subnet", who->subnet_id}});
    given_[who->node_id] = {ask->csr_pem, done->certificate_pem, now};
    co_return done->certificate_pem;
}

}  // namespace adaos::api

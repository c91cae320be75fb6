#include "api/enrol_door.hpp"

#include "api/attempt.hpp"
#include "api/open_pages.hpp"
#include "base/bytes.hpp"
#include "base/problem.hpp"
#include "net/http_client.hpp"
#include "net/network.hpp"
#include "pki/pinned.hpp"

#include <algorithm>

namespace adaos::api {
namespace {

/// The name of a field that stands first in a context.
std::string field_of(std::string const& context) {
    auto const end = std::find_if(context.begin(), context.end(),
                                  [](char c) { return !((c >= 'a' && c <= 'z') || c == '_'); });
    return {context.begin(), end};
}

/// The first certificate, as it stands there: to take it apart would cost a tenth of a join.
std::string signer_of(std::string const& cas_pem) {
    constexpr std::string_view last_line = "-----END CERTIFICATE-----\n";
    auto const end = cas_pem.find(last_line);
    return end == std::string::npos ? cas_pem : cas_pem.substr(0, end + last_line.size());
}

}  // namespace

std::string host_of(std::string const& https_url) {
    auto const url = net::parse_url(https_url);
    if (!url || url->scheme != "https" || url->port == 0) return {};
    return url->host;
}

pki::Authority::Agent agent_of(registry::Node const& node) {
    return {{node.subnet_id, node.node_id, false},
            node.name,
            host_of(node.inventory.advertised_endpoint)};
}

Refusal refusal_at(enrol::Door door, Error outcome) {
    auto const was = outcome.code;
    auto const context = outcome.context;
    auto answer = enrol::answer_at(door, std::move(outcome));
    Refusal refusal{std::move(answer.error), answer.status, "", ""};
    bool const names_field = was == Problem::grant_bound || was == Problem::claim_mismatch ||
                             was == Problem::name_taken || was == Problem::validation ||
                             was == Problem::invalid_field;
    if (names_field && refusal.status != 401) refusal.field = field_of(context);
    if (was == Problem::claim_mismatch) refusal.field = "claims";
    // Which field it was is all that a stranger learns of a token's binding.
    if (was == Problem::grant_bound && door == enrol::Door::node)
        refusal.error = Error(Problem::validation, refusal.field + ": not what the token is for");
    return refusal;
}

void EnrolDoor::add_routes(Router& router) {
    router.add("POST", "/v1/nodes/join", [this](net::Exchange& exchange, PathParts) {
        return enter(exchange, enrol::Door::node);
    });
    router.add("POST", "/v1/enrol", [this](net::Exchange& exchange, PathParts) {
        return enter(exchange, enrol::Door::canonical);
    });
}

net::Task<void> EnrolDoor::enter(net::Exchange& exchange, enrol::Door door) {
    auto const body = co_await attempt_body(exchange, deps_.desk, Overheard::never);
    if (!body) co_return;
    auto order = door == enrol::Door::node ? parse_node_join(*body) : parse_enrolment(*body);
    if (!order) {
        count_refusal(exchange, deps_.desk, order.error());
        auto refusal = refusal_at(door, order.error());
        co_await answer_refusal(exchange, std::move(refusal));
        co_return;
    }
    co_await redeem(exchange, std::move(*order), door);
}

net::Task<void> EnrolDoor::redeem(net::Exchange& exchange, enrol::RedeemOrder order,
                                  enrol::Door door) {
    order.source = exchange.peer().address;
    order.door = exchange.request().path();
    auto done = co_await admit(std::move(order), door);
    if (!done) {
        auto refusal = refusal_at(door, done.error());
        co_await answer_refusal(exchange, std::move(refusal));
        co_return;
    }
    bool const below_nodes = door == enrol::Door::node;  // /v1/nodes/join; else /v1/enrol
    Created created{below_nodes ? "../../api/v1/admin/nodes/" : "../api/v1/admin/nodes/",
                    "node_id"};
    co_await answer_created(exchange, std::move(*done), std::move(created));
}

net::Task<Result<std::string>> EnrolDoor::admit(enrol::RedeemOrder order, enrol::Door door) {
    auto const host = host_of(order.inventory.advertised_endpoint);
    // The leaf is good for that host: with ours in it, its holder could pass for us.
    auto const is_it = [&](std::string const& own) { return equal_ignoring_case(host, own); };
    bool const is_own = std::any_of(deps_.own_hosts.begin(), deps_.own_hosts.end(), is_it);
    if (is_own && !net::is_loopback(host)) {
        Error const error(Problem::validation, "advertised_endpoint: this is the authority's name");
        deps_.desk.count_refusal(order.source, order.door, error);
        co_return error;
    }
    order.subnet_id = deps_.subnet_id;
    if (order.kind == enrol::Kind::host) order.along = deps_.settle_host;
    Enrolled enrolled;
    enrolled.kind = order.kind;
    auto const source = order.source;
    auto sign = order.kind == enrol::Kind::node ? deps_.sign_agent : deps_.sign_member;
    auto const cas_pem = deps_.cas_pem();
    auto done = co_await deps_.desk.redeem(std::move(order), std::move(sign));
    if (!done) {
        auto const cause = done.error().message();
        if (describe(done.error().code).http_status >= 500)
            deps_.log.error("enrolment failed", {{"source", source}, {"cause", cause}});
        else
            deps_.log.debug("enrolment refused", {{"source", source}, {"cause", cause}});
        co_return done.error();
    }
    auto ca_pem = signer_of(cas_pem);
    if (done->replayed || cas_pem != deps_.cas_pem()) {
        auto const ca = pki::issuer_among(done->certificate_pem, deps_.cas_pem());
        // A certificate of a CA that was dropped since is good for nothing.
        if (!ca) co_return Error(Problem::grant_spent, "its certificate is of a CA that is gone");
        ca_pem = ca->to_pem();
    }
    deps_.log.info("node enrolled",
                   {{"node", done->node.node_id},
                    {"name", done->node.name},
                    {"subnet", done->node.subnet_id},
                    {"door", door == enrol::Door::node ? "join token" : "canonical"},
                    {"replayed", done->replayed ? "yes" : "no"}});
    deps_.admitted(done->node);
    enrolled.place = deps_.place(*done);
    enrolled.done = std::move(*done);
    // A member trusts what its link needs; an agent the one CA that it pinned.
    enrolled.ca_pem =
        enrolled.kind == enrol::Kind::member ? enrolled.place.anchors_pem : std::move(ca_pem);
    co_return enrolled_json(enrolled);
}

}  // namespace adaos::api

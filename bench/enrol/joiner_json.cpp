#include "bench/enrol/joiner.hpp"

#include "base/json.hpp"
#include "base/problem.hpp"
#include "enrol/pake.hpp"
#include "net/tls_mutual.hpp"

namespace adaos::bench {
namespace {

/// For a machine that is busy with other things beside the bench.
constexpr std::chrono::seconds request_limit{60};

std::string token_order(Ticket const& ticket) {
    Json json;
    json["token"] = ticket.secret.reveal();
    json["csr_pem"] = ticket.csr_pem;
    json["node_name"] = ticket.name;
    json["architecture"] = "amd64";
    json["advertised_endpoint"] = "https://" + ticket.name + ".example:9443";
    json["migration_host"] = "192.0.2.1";
    json["migration_port_range_start"] = 50'000;
    json["migration_port_range_end"] = 50'100;
    json["redeem_id"] = ticket.node_id;
    return dump(json);
}

std::string code_order(Ticket const& ticket) {
    Json json;
    json["node_id"] = ticket.node_id;
    json["hostname"] = ticket.name;
    json["csr_pem"] = ticket.csr_pem;
    json["attempt_id"] = ticket.node_id;
    return dump(json);
}

/// The answer's body; its time is added to `calls`.
net::Task<Result<std::string>> post(Way const& way, std::string path, std::string body,
                                    Millis& calls) {
    net::Fetch request;
    request.method = "POST";
    request.url = way.root;
    request.url.path = std::move(path);
    request.fields.add("Content-Type", "application/json");
    request.body = std::move(body);
    request.timeout = request_limit;
    Stopwatch const watch;
    auto reply = co_await net::fetch_with(way.network, way.timers, std::move(request), way.tls);
    calls += watch.passed();
    if (!reply) co_return reply.error();
    if (reply->head.status / 100 != 2)
        co_return Error(Problem::bad_answer,
                        std::to_string(reply->head.status) + ": " + reply->body);
    co_return std::move(reply->body);
}

Result<void> check_certificate(std::string const& body) {
    auto const json = parse_json(body);
    if (json.has_error()) return json.error();
    auto const pem = string_or_empty(*json, "cert_pem");
    if (pem.starts_with("-----BEGIN CERTIFICATE-----")) return Result<void>();
    return Error(Problem::bad_answer, "no certificate in " + body);
}

}  // namespace

net::Task<Result<Took>> join_by_token(Way const& way, Ticket const& ticket) {
    Took took;
    auto order = token_order(ticket);
    auto const body = co_await post(way, "/v1/nodes/join", std::move(order), took.calls);
    if (!body) co_return body.error();
    if (auto good = check_certificate(*body); !good) co_return good.error();
    took.all = took.calls;
    co_return took;
}

net::Task<Result<Took>> join_by_code(Way const& way, Ticket const& ticket) {
    Stopwatch const watch;
    Took took;
    SystemRandom random;
    enrol::PakeClient client(ticket.secret, random);
    auto opening = client.params_body();
    auto const params = co_await post(way, "/v1/join/params", std::move(opening), took.calls);
    if (!params) co_return params.error();
    std::function<Result<enrol::PakeShare>()> const stretch = [&client, &params] {
        return client.take_params(*params);
    };
    auto const share = co_await net::offload<enrol::PakeShare>(way.scrypt, stretch);
    if (!share) co_return share.error();
    auto offer = enrol::write_json(*share);
    auto const offered = co_await post(way, "/v1/join/share", std::move(offer), took.calls);
    if (!offered) co_return offered.error();
    auto const met = enrol::parse_share_answer(*offered);
    if (!met) co_return met.error();
    auto const finish = client.take_share(*met, code_order(ticket));
    if (!finish) co_return finish.error();
    auto sealed = enrol::write_json(*finish);
    auto const finished = co_await post(way, "/v1/join/finish", std::move(sealed), took.calls);
    if (!finished) co_return finished.error();
    auto const box = enrol::parse_finish_answer(*finished);
    if (!box) co_return box.error();
    auto const body = client.take_finish(*box);
    if (!body) co_return body.error();
    if (auto good = check_certificate(*body); !good) co_return good.error();
    took.all = watch.passed();
    co_return took;
}

}  // namespace adaos::bench

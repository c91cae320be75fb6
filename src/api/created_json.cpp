#include "api/open_pages.hpp"
#include "base/bytes.hpp"
#include "base/json.hpp"

namespace adaos::api {
namespace {

net::Task<void> send(net::Exchange& exchange, net::ResponseHead head, std::string body) {
    head.fields.add("Cache-Control", "no-store");
    net::Framing const framing{net::Framing::Kind::length, body.size()};
    auto const bytes = as_bytes(body);
    auto const sent = co_await exchange.respond_with(std::move(head), framing, bytes);
    if (!sent) co_return;
    net::Fields none;
    (void)co_await exchange.finish(std::move(none));
}

}  // namespace

net::Task<void> answer_created(net::Exchange& exchange, std::string json, Created created) {
    net::ResponseHead head;
    head.status = 201;
    head.fields.add("Content-Type", "application/json");
    auto const answer = parse_json(json);
    auto const id = answer ? string_or_empty(*answer, created.id_member) : std::string();
    if (!id.empty()) head.fields.add("Location", created.folder + id + created.query);
    co_await send(exchange, std::move(head), std::move(json));
}

net::Task<void> answer_problem_json(net::Exchange& exchange, unsigned status, std::string json) {
    net::ResponseHead head;
    head.status = status;
    head.fields.add("Content-Type", "application/problem+json");
    co_await send(exchange, std::move(head), std::move(json));
}

}  // namespace adaos::api

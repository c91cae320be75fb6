#include "api/open_pages.hpp"
#include "base/json.hpp"

namespace adaos::api {

net::Task<void> answer_created(net::Exchange& exchange, std::string json, Created created) {
    net::ResponseHead head;
    head.status = 201;
    head.fields.add("Content-Type", "application/json");
    auto const answer = parse_json(json);
    auto const id = answer ? string_or_empty(*answer, created.id_member) : std::string();
    if (!id.empty()) head.fields.add("Location", created.folder + id + created.query);
    head.fields.add("Cache-Control", "no-store");
    (void)co_await net::respond_whole(exchange, std::move(head), std::move(json));
}

net::Task<void> answer_problem_json(net::Exchange& exchange, unsigned status, std::string json) {
    net::ResponseHead head;
    head.status = status;
    head.fields.add("Content-Type", "application/problem+json");
    head.fields.add("Cache-Control", "no-store");
    (void)co_await net::respond_whole(exchange, std::move(head), std::move(json));
}

}  // namespace adaos::api

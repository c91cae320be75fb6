#include "api/grant_call.hpp"
#include "base/json_body.hpp"

namespace adaos::api {

std::string grant_call_json(GrantCall const& call) {
    Json json;
    json["id"] = call.id;
    json["query"] = call.query;
    json["body"] = call.body;
    if (!call.actor.empty()) json["actor"] = call.actor;
    return dump(json);
}

Result<GrantCall> parse_grant_call(std::string op, std::string_view params) {
    auto body = JsonBody::parse(params);
    if (!body) return body.error();
    GrantCall call{std::move(op), body->text("id", 128), body->text("query", 1024),
                   body->text("body", 16 * 1024), body->text("actor", 256)};
    if (auto const fine = body->check(); !fine) return fine.error();
    return call;
}

}  // namespace adaos::api

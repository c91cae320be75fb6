#include "api/access_door.hpp"
#include "base/json.hpp"
#include "base/json_body.hpp"

namespace adaos::api {

Result<AccessRequest> parse_access_request(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    AccessRequest out{body->text("name", 64), body->text("scope", 16),
                      body->text("ttl", 16, "30d")};
    if (auto const fine = body->check(); !fine) return fine.error();
    return out;
}

std::string access_created_json(enrol::Access::Created const& created) {
    Json json;
    json["id"] = created.token.id;
    json["name"] = created.token.name;
    json["scope"] = enrol::scope_name(created.token.scope);
    json["expires_at"] = rfc3339(created.token.expires_at);
    json["token"] = created.secret.reveal();
    return dump(json) + "\n";
}

std::string access_tokens_json(std::vector<enrol::AccessToken> const& tokens) {
    Json json;
    json["tokens"] = Json::array();
    for (auto const& t : tokens) {
        Json row;
        row["id"] = t.id;
        row["name"] = t.name;
        row["scope"] = enrol::scope_name(t.scope);
        row["created_at"] = rfc3339(t.created_at);
        row["expires_at"] = rfc3339(t.expires_at);
        row["revoked"] = t.revoked_at.has_value();
        json["tokens"].push_back(row);
    }
    return dump(json) + "\n";
}

std::string access_revoked_json(std::string const& id) {
    Json json;
    json["schema"] = "adaos.access-revoked/v1";
    json["ok"] = true;
    json["id"] = id;
    return dump(json) + "\n";
}

}  // namespace adaos::api

#pragma once
/// Access tokens, at Root and hub alike: made, listed and revoked by an admin.
/// docs/protocol/http-api.md

#include "api/caller.hpp"
#include "api/desk.hpp"
#include "api/router.hpp"

#include <string>
#include <vector>

namespace adaos::api {

class AccessDoor {
public:
    struct Deps {
        Desk& desk;
        WhoCalls who;
    };
    explicit AccessDoor(Deps deps) : deps_(std::move(deps)) {}

    /// `/api/access/tokens…`
    void add_routes(Router& router);

private:
    net::Task<void> create(net::Exchange& exchange);
    net::Task<void> list(net::Exchange& exchange);
    net::Task<void> revoke(net::Exchange& exchange, std::string id);

    Deps deps_;
};

struct AccessRequest {
    std::string name, scope, ttl = "30d";
};
[[nodiscard]] Result<AccessRequest> parse_access_request(std::string_view body);
[[nodiscard]] std::string access_created_json(enrol::Access::Created const& created);
[[nodiscard]] std::string access_tokens_json(std::vector<enrol::AccessToken> const& tokens);
[[nodiscard]] std::string access_revoked_json(std::string const& id);

}  // namespace adaos::api

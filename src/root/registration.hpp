#pragma once
/// How a hub gets its identity: a bootstrap token from an admin of Root, who has the root token or
/// an access token, then certificates for two requests (the hub's leaf and its subnet issuer).
/// docs/protocol/http-api.md

#include "api/caller.hpp"
#include "api/desk.hpp"
#include "api/node_office.hpp"
#include "api/router.hpp"
#include "base/secret.hpp"
#include "pki/authority.hpp"
#include "root/hub_links.hpp"
#include "root/subnets.hpp"

#include <functional>
#include <string>

namespace adaos::root {

class Registration {
public:
    struct Deps {
        api::Desk& desk;
        pki::CurrentAuthority const& ca;
        api::WhoCalls who;
        RootFacts const& facts;
        std::function<void(std::string const& subnet_id)> registered;
        api::NodeOffice& office;  ///< a subnet is removed as its hub's node is
        Log log;
    };
    explicit Registration(Deps deps) : deps_(std::move(deps)) {}

    void add_routes(api::Router& router);

private:
    net::Task<void> bootstrap_token(net::Exchange& exchange);
    net::Task<void> register_subnet(net::Exchange& exchange);
    /// The hub may not come again, unless it is registered anew.
    net::Task<void> remove_subnet(net::Exchange& exchange, std::string subnet_id);
    net::Task<Result<registry::Node>> remove_hub_of(std::string subnet_id, std::string actor);
    /// The admin who calls; else the refusal is answered, and counted at `door`.
    net::Task<std::optional<api::Caller>> admin(net::Exchange& exchange, std::string door);

    Deps deps_;
};

struct BootstrapRequest {
    std::string spki_hex;
    std::string claims_json;  ///< {"subnet_id", "zone_id"}
};
[[nodiscard]] Result<BootstrapRequest> parse_bootstrap_request(std::string_view body);
[[nodiscard]] std::string bootstrap_answer(enrol::Minted const& minted);

struct RegisterRequest {
    std::string csr_pem, issuer_csr_pem, node_id, hostname, zone_id;
};
[[nodiscard]] Result<RegisterRequest> parse_register_request(std::string_view body);
[[nodiscard]] std::string wished_subnet(std::string_view claims_json);
[[nodiscard]] std::string register_answer(Registered const& done);
/// adaos.subnet-removed/v1
[[nodiscard]] std::string subnet_removed_json(registry::Node const& hub);

}  // namespace adaos::root

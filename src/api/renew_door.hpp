#pragma once
/// `POST /v1/enrol/renew`: a node without a link, which is an agent, renews its certificate over
/// HTTPS with the one it has. Root and hub serve it with the same object. docs/protocol/renewal.md

#include "api/desk.hpp"
#include "api/router.hpp"
#include "pki/certificate.hpp"

#include <functional>
#include <string>

namespace adaos::api {

class RenewDoor {
public:
    struct Deps {
        Desk& desk;
        std::string subnet_id;                 ///< a hub's own; empty at Root
        enrol::Sign sign;                      ///< of agents
        std::function<std::string()> cas_pem;  ///< as EnrolDoor's
        Log log;
    };
    explicit RenewDoor(Deps deps) : deps_(std::move(deps)) {}
    void add_route(Router& router);

private:
    net::Task<void> handle(net::Exchange& exchange);
    net::Task<Result<std::string>> renew(pki::Certificate shown, std::string body);
    Deps deps_;
};

}  // namespace adaos::api

#pragma once
/// `POST /v1/enrol/recover`: a node that was off past the end of its certificate gets a new one for
/// the same key. Root serves it to hubs, a hub to its members, both to agents of
/// theirs, with the same object.

#include "api/desk.hpp"
#include "api/router.hpp"
#include "pki/certificate.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace adaos::api {

/// Why a recorded request does no harm: the answer is a certificate, which is public, for the key
/// that signed the request; who does not hold that key can do nothing with it.
class RecoverDoor {
public:
    struct Deps {
        Desk& desk;
        std::string subnet_id;  ///< a hub's own; empty at Root
        bool for_hubs = false;  ///< at Root; a hub serves members
        /// Those that old certificates were signed by, PEM.
        std::function<std::string()> anchors;
        enrol::Sign sign;
        enrol::Sign sign_agent;
        std::chrono::seconds budget{enrol::recovery_budget};
        Log log;
    };
    explicit RecoverDoor(Deps deps) : deps_(std::move(deps)) {}

    void add_route(Router& router);

private:
    net::Task<void> handle(net::Exchange& exchange);
    struct Given {
        std::string csr_pem, cert_pem;
        WallTime at{};
    };
    net::Task<Result<std::string>> recover(std::string body, std::string source);
    struct Whose {
        std::string node_id, subnet_id;
        bool is_agent = false;
    };
    [[nodiscard]] Result<Whose> check(std::string const& cert_pem) const;

    Deps deps_;
    /// What was given in the last minute, by node: a request that is repeated gets the same again,
    /// and costs neither a signature nor an audit row.
    std::map<std::string, Given> given_;
};

}  // namespace adaos::api

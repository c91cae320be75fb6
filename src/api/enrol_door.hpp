#pragma once
/// Where a token becomes a certificate: `POST /v1/nodes/join` for join tokens, in the words of
/// their users, and `POST /v1/enrol` for every kind of secret. Root and hub serve it with the same
/// object. docs/protocol/http-api.md, "Join tokens".

#include "api/join_door.hpp"
#include "api/router.hpp"
#include "api/token_door.hpp"
#include "enrol/doors.hpp"
#include "pki/authority.hpp"

#include <functional>
#include <string>
#include <vector>

namespace adaos::api {

class EnrolDoor {
public:
    struct Deps {
        Desk& desk;
        std::string subnet_id;    ///< a hub's own; empty at Root
        enrol::Sign sign_agent;   ///< of kind node
        enrol::Sign sign_member;  ///< of the others
        enrol::AlongRedeem settle_host;
        std::function<JoinPlace(enrol::Redeemed const&)> place;
        /// Every CA whose agents are ours, the one that signs now first. An answer has the one that
        /// signed its certificate: of an answer that is given again, not always the first.
        std::function<std::string()> cas_pem;
        /// Our own names in the network: no agent gets a certificate for one of them.
        std::vector<std::string> own_hosts;
        /// After a success, before the answer.
        std::function<void(registry::Node const&)> admitted;
        Log log;
    };
    explicit EnrolDoor(Deps deps) : deps_(std::move(deps)) {}
    void add_routes(Router& router);

private:
    net::Task<void> enter(net::Exchange& exchange, enrol::Door door);
    net::Task<void> redeem(net::Exchange& exchange, enrol::RedeemOrder order, enrol::Door door);
    net::Task<Result<std::string>> admit(enrol::RedeemOrder order, enrol::Door door);
    Deps deps_;
};

/// Errors: bad_request; validation, the field's name first in its context.
[[nodiscard]] Result<enrol::RedeemOrder> parse_node_join(std::string_view body);
/// The canonical body: `secret`, `node_id`, `node_name`, `hostname`, `zone_id`, `csr_pem`,
/// `claims`, `redeem_id` and the fields of parse_node_join, those that a kind needs. The kind is
/// read off the secret. Errors: as above; token_unknown.
[[nodiscard]] Result<enrol::RedeemOrder> parse_enrolment(std::string_view body);

struct Enrolled {
    enrol::Redeemed done;
    enrol::Kind kind = enrol::Kind::node;
    JoinPlace place;
    std::string ca_pem;
};
[[nodiscard]] std::string enrolled_json(Enrolled const& enrolled);
/// What the door tells of an outcome.
[[nodiscard]] Refusal refusal_at(enrol::Door door, Error outcome);
/// The host of an https URL, which a certificate is made for; empty when it is none.
[[nodiscard]] std::string host_of(std::string const& https_url);
/// Whom the leaf of an agent names.
[[nodiscard]] pki::Authority::Agent agent_of(registry::Node const& node);

}  // namespace adaos::api

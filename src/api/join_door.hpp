#pragma once
/// The plain join door: a code and a request in, a certificate and the way to the hub out. Root and
/// hub serve it with the same object (`POST /v1/subnets/join`, `POST /api/node/join`).

#include "api/desk.hpp"
#include "api/router.hpp"

#include <functional>
#include <string>

namespace adaos::api {

/// What the answer says about the subnet that the code opened.
struct JoinPlace {
    std::string hub_node_id;
    std::string root_url;     ///< may be empty (a hub without Root)
    std::string hub_url;      ///< where the member's link goes
    std::string anchors_pem;  ///< whom the member trusts from now on
    /// Pin of the CA that signed what the address shows over https; empty: public trust.
    std::string tls_pin;
};

class JoinDoor {
public:
    struct Deps {
        Desk& desk;
        std::string subnet_id;  ///< a hub's own; empty at Root
        enrol::Sign sign;
        std::function<JoinPlace(enrol::Redeemed const&)> place;
        /// After a success, before the answer.
        std::function<void(registry::Node const&)> admitted;
        Log log;
    };
    explicit JoinDoor(Deps deps) : deps_(std::move(deps)) {}

    /// POST there is one attempt. A code over an unproved connection (plain HTTP from elsewhere) is
    /// refused unread.
    void add_route(Router& router, std::string path);
    /// Lets the machine in: the answer's JSON. Errors: as Grants::redeem.
    net::Task<Result<std::string>> admit(enrol::RedeemOrder order, Secret made_key = Secret());

    [[nodiscard]] Desk& desk() noexcept { return deps_.desk; }
    [[nodiscard]] Log const& log() const noexcept { return deps_.log; }
    [[nodiscard]] std::string const& subnet_id() const noexcept { return deps_.subnet_id; }

private:
    net::Task<void> handle(net::Exchange& exchange);
    Deps deps_;
};

/// The same error with some context, which is told as `detail`: that is all that AdaOS's clients
/// look at. What their servers say of a code comes first in it, word for word.
[[nodiscard]] Error in_adaos_words(Error error);

/// The body's fields. Errors: bad_request, invalid_field naming the field, code_blank.
struct JoinRequest {
    std::string code;
    enrol::RedeemOrder order;  ///< without the secret; a script's has no request either
};
/// What a machine that proved its code sends in its box: the same without the code.
[[nodiscard]] Result<enrol::RedeemOrder> parse_join_order(std::string_view body);
[[nodiscard]] Result<JoinRequest> parse_join_request(std::string_view body);
/// `made_key_pem`: of a script that brought no request; else empty.
[[nodiscard]] std::string join_answer(enrol::Redeemed const& done, JoinPlace const& place,
                                      WallTime now, std::string const& made_key_pem = {});

}  // namespace adaos::api

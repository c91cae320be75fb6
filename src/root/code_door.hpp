#pragma once
/// `POST /v1/subnets/join-code`: Root's admin makes a join code for any subnet, as a hub does for
/// its own over its link.

#include "api/caller.hpp"
#include "api/desk.hpp"
#include "api/router.hpp"
#include "root/hub_links.hpp"

namespace adaos::root {

class CodeDoor {
public:
    struct Deps {
        api::Desk& desk;
        RootFacts const& facts;
        api::WhoCalls who;
    };
    explicit CodeDoor(Deps deps) : deps_(std::move(deps)) {}
    void add_route(api::Router& router);

private:
    net::Task<void> create(net::Exchange& exchange);
    net::Task<Result<std::string>> mint(std::string body, std::string actor);
    Deps deps_;
};

}  // namespace adaos::root

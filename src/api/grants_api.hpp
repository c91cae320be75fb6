#pragma once
/// `/v1/enrol/grants…` and `/v1/audit`: the grants of an authority, managed over HTTP. A hub that
/// is registered at Root passes on what is meant for Root's book (`?authority=root`).

#include "api/caller.hpp"
#include "api/router.hpp"
#include "api/two_books.hpp"

namespace adaos::api {

class GrantsApi {
public:
    struct Deps {
        TwoBooks books;
        WhoCalls who;
    };
    explicit GrantsApi(Deps deps) : deps_(std::move(deps)) {}
    void add_routes(Router& router);

private:
    net::Task<void> serve(net::Exchange& exchange, std::string op, PathParts parts);
    Deps deps_;
};

}  // namespace adaos::api

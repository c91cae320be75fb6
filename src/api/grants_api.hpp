#pragma once
/// `/v1/enrol/grants…` and `/v1/audit`: the grants of an authority, managed over HTTP. A hub that
/// is registered at Root passes on what is meant for Root's book (`?authority=root`).

#include "api/caller.hpp"
#include "api/grant_book.hpp"
#include "api/router.hpp"

#include <functional>
#include <optional>
#include <string>

namespace adaos::api {

/// One call of the book, as it travels over a link: `grants.<op>`.
struct GrantCall {
    std::string op;  ///< create, list, show, revoke, redemptions, audit
    std::string id, query, body;
};
[[nodiscard]] std::string grant_call_json(GrantCall const& call);
[[nodiscard]] Result<GrantCall> parse_grant_call(std::string op, std::string_view params);
/// Does it in `book`, for the grants of `within`.
net::Task<Result<std::string>> run_grant_call(GrantBook& book, GrantCall call, std::string within,
                                              Actor actor);

class GrantsApi {
public:
    struct Deps {
        GrantBook& book;
        WhoCalls who;
        /// Asks Root; empty: there is none above.
        std::function<net::Task<Result<std::string>>(GrantCall)> ask_root;
    };
    explicit GrantsApi(Deps deps) : deps_(std::move(deps)) {}
    void add_routes(Router& router);

private:
    net::Task<void> serve(net::Exchange& exchange, std::string op, PathParts parts);
    Deps deps_;
};

}  // namespace adaos::api

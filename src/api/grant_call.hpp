#pragma once
/// One call of a grant book, as the routes make it and as it travels over a link: `grants.<op>`.

#include "api/grant_book.hpp"

#include <string>
#include <string_view>

namespace adaos::api {

struct GrantCall {
    std::string op;  ///< create, list, show, revoke, redemptions, audit
    std::string id, query, body;
    std::string actor = {};  ///< who asked the hub that passes it on
};
[[nodiscard]] std::string grant_call_json(GrantCall const& call);
[[nodiscard]] Result<GrantCall> parse_grant_call(std::string op, std::string_view params);
/// Does it in `book`, for the grants of `within`.
net::Task<Result<std::string>> run_grant_call(GrantBook& book, GrantCall call, std::string within,
                                              Actor actor);

}  // namespace adaos::api

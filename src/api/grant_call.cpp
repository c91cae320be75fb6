#include "api/grant_call.hpp"

namespace adaos::api {

net::Task<Result<std::string>> run_grant_call(GrantBook& book, GrantCall call, std::string within,
                                              Actor actor) {
    // Plain calls: what they take is moved into them.
    if (call.op == "create")
        return book.create(std::move(call.body), std::move(within), std::move(actor));
    if (call.op == "list") return book.list(std::move(call.query), std::move(within));
    if (call.op == "show")
        return book.show(std::move(call.id), std::move(call.query), std::move(within));
    if (call.op == "revoke")
        return book.revoke(std::move(call.id), std::move(call.query), std::move(within),
                           std::move(actor));
    if (call.op == "redemptions")
        return book.redemptions(std::move(call.id), std::move(call.query), std::move(within));
    return book.audit(std::move(call.query), std::move(call.id), std::move(within));
}

}  // namespace adaos::api

#pragma once
/// `/v1/nodes/join-tokens…`: the grants of kind node, managed in the words of join tokens. Root and
/// hub serve it with the same object. docs/protocol/http-api.md, "Join tokens".

#include "api/caller.hpp"
#include "api/grant_book.hpp"
#include "api/router.hpp"

#include <string>

namespace adaos::api {

class TokenDoor {
public:
    struct Deps {
        GrantBook& book;
        WhoCalls who;
    };
    explicit TokenDoor(Deps deps) : deps_(std::move(deps)) {}
    void add_routes(Router& router);

private:
    net::Task<void> create(net::Exchange& exchange);
    net::Task<void> list(net::Exchange& exchange);
    net::Task<void> revoke(net::Exchange& exchange, std::string id);
    net::Task<void> consumptions(net::Exchange& exchange, std::string id);
    net::Task<Result<void>> check_token(std::string id);
    net::Task<Result<std::string>> mint(enrol::MintOrder order, Actor actor);
    Deps deps_;
};

/// A refusal that names what is wrong: problem+json with `details`.
struct Refusal {
    Error error;
    unsigned status = 400;
    std::string field;                  ///< `details.field`; may be empty
    std::string forbidden_combination;  ///< `details.forbidden_combination`; may be empty
};
[[nodiscard]] std::string refusal_json(Refusal const& refusal);
net::Task<void> answer_refusal(net::Exchange& exchange, Refusal refusal);

/// `ttl_seconds`, `strict`, `max_uses` (absent or null: no limit), `intended_node_name`, `note` and
/// `subnet_id`. Errors: bad_request, validation; with `details` in the refusal.
struct ParsedTokenOrder {
    enrol::MintOrder order;
    std::optional<Refusal> refusal;  ///< then the order is no good
};
[[nodiscard]] ParsedTokenOrder parse_token_order(std::string_view body);
[[nodiscard]] std::string token_minted_json(enrol::GrantRow const& row, Minting const& minting);
[[nodiscard]] std::string join_tokens_json(std::vector<enrol::GrantRow> const& rows, int limit);
[[nodiscard]] std::string consumptions_json(std::vector<enrol::Redemption> const& rows, int limit);

}  // namespace adaos::api

#pragma once
/// The operator's routes: `/v1/nodes…` by name, `/api/v1/admin/nodes/{node_id}` by id. A hub serves
/// them for its subnet, Root for all, with the same object. docs/protocol/http-api.md, "Nodes".

#include "api/caller.hpp"
#include "api/node_office.hpp"
#include "api/router.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace adaos::api {

class NodesDoor {
public:
    struct Deps {
        NodeOffice& office;
        std::string subnet_id;  ///< empty: of every subnet
        WhoCalls caller;
        /// After a member's own heartbeat (its JSON); may be empty.
        std::function<void(registry::Node const&, std::string body)> heard = {};
    };
    explicit NodesDoor(Deps deps) : deps_(std::move(deps)) {}

    void add_routes(Router& router);

private:
    net::Task<void> list(net::Exchange& exchange);
    net::Task<void> show(net::Exchange& exchange, Caller caller, Result<registry::Node> found);
    net::Task<void> operate(net::Exchange& exchange, std::string name, NodeCommand command);
    net::Task<void> heartbeat(net::Exchange& exchange, std::string name);
    net::Task<Result<registry::Node>> speaker(net::Exchange& exchange, std::string name);
    net::Task<void> by_name(net::Exchange& exchange, std::string name);
    net::Task<void> by_id(net::Exchange& exchange, std::string node_id);
    net::Task<Result<registry::Node>> find(std::string name, std::string subnet_id);
    net::Task<void> answer(net::Exchange& exchange, Caller caller, registry::Node node);

    Deps deps_;
};

/// What a list's query asks for. Values are plain: none of the names and words needs an escape.
struct ListWish {
    std::string subnet_id, architecture, status, cursor;
    int limit = 20;
};
[[nodiscard]] Result<ListWish> parse_list_wish(std::string_view query);
struct OneWish {
    std::string subnet_id;
    NodeOrder::Force force = NodeOrder::Force::no;
};
[[nodiscard]] Result<OneWish> parse_one_wish(std::string_view query);

/// Opaque to callers: where the next page begins.
struct Cursor {
    std::string subnet_id, name;
};
[[nodiscard]] std::string cursor_text(Cursor const& cursor);
[[nodiscard]] std::optional<Cursor> parse_cursor(std::string_view text);

/// A node as a role sees it: `operate` and above the whole, the others a summary.
struct ShownNode {
    registry::Node node;
    registry::Axes axes;
};
[[nodiscard]] std::string node_json(ShownNode const& shown, enrol::Scope scope, WallTime now);
[[nodiscard]] std::string list_json(std::vector<ShownNode> const& nodes, enrol::Scope scope,
                                    WallTime now, std::string const& next_cursor);
/// The problem's body with `details.blocking_resources` and `details.force_available`.
[[nodiscard]] std::string busy_json(Error const& error);

}  // namespace adaos::api

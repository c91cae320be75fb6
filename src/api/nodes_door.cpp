#include "api/nodes_door.hpp"

#include "api/caller.hpp"
#include "api/open_pages.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "pki/certificate.hpp"

namespace adaos::api {
namespace {

constexpr std::string_view admin_prefix = "/api/v1/admin/nodes/";
/// Rows asked from the store at once while a filter that only the loop can apply picks some.
constexpr int rows_a_step = 200;

enrol::Scope needed(NodeCommand command) {
    return command == NodeCommand::remove ? enrol::Scope::admin : enrol::Scope::operate;
}

}  // namespace

void NodesDoor::add_routes(Router& router) {
    router.add("GET", "/v1/nodes",
               [this](net::Exchange& exchange, PathParts) { return list(exchange); });
    router.add("GET", "/v1/nodes/{name}", [this](net::Exchange& exchange, PathParts parts) {
        return by_name(exchange, std::move(parts[0]));
    });
    router.add("DELETE", "/v1/nodes/{name}", [this](net::Exchange& exchange, PathParts parts) {
        return operate(exchange, std::move(parts[0]), NodeCommand::remove);
    });
    for (auto const command : {NodeCommand::cordon, NodeCommand::uncordon, NodeCommand::drain,
                               NodeCommand::pause, NodeCommand::resume}) {
        router.add("POST", "/v1/nodes/{name}/" + std::string(command_name(command)),
                   [this, command](net::Exchange& exchange, PathParts parts) {
                       return operate(exchange, std::move(parts[0]), command);
                   });
    }
    router.add("POST", "/v1/nodes/{name}/heartbeat",
               [this](net::Exchange& exchange, PathParts parts) {
                   return heartbeat(exchange, std::move(parts[0]));
               });
    router.add("GET", std::string(admin_prefix) + "{node_id}",
               [this](net::Exchange& exchange, PathParts parts) {
                   return by_id(exchange, std::move(parts[0]));
               });
}

net::Task<void> NodesDoor::list(net::Exchange& exchange) {
    auto const caller = co_await allowed_caller(exchange, deps_.caller, enrol::Scope::view);
    if (!caller) co_return;
    auto const query = std::string(exchange.request().query());
    auto const wish = parse_list_wish(query);
    if (!wish) {
        co_await answer_error(exchange, wish.error());
        co_return;
    }
    registry::NodePage page;
    page.subnet_id = deps_.subnet_id.empty() ? wish->subnet_id : deps_.subnet_id;
    // A hub has one subnet: another's nodes are none of its.
    bool const elsewhere = !wish->subnet_id.empty() && wish->subnet_id != page.subnet_id;
    page.architecture = wish->architecture;
    page.limit = rows_a_step;
    if (auto const from = parse_cursor(wish->cursor)) {
        page.after_subnet = from->subnet_id;
        page.after_name = from->name;
    }
    auto const now = deps_.office.desk().clock().wall();
    std::vector<ShownNode> shown;
    std::string next;
    for (bool more = !elsewhere; more && next.empty();) {
        auto const rows = co_await deps_.office.desk().page(page);
        if (!rows) {
            co_await answer_error(exchange, rows.error());
            co_return;
        }
        more = rows->size() == static_cast<std::size_t>(rows_a_step);
        for (auto const& row : *rows) {
            page.after_subnet = row.subnet_id;
            page.after_name = row.name;
            auto node = co_await deps_.office.settle(row);
            auto const axes = deps_.office.axes(node);
            if (!wish->status.empty() && registry::words(axes, now).status != wish->status)
                continue;
            if (shown.size() == static_cast<std::size_t>(wish->limit)) {  // there is one more
                next = cursor_text({shown.back().node.subnet_id, shown.back().node.name});
                break;
            }
            shown.push_back({std::move(node), axes});
        }
    }
    auto json = list_json(shown, caller->scope, now, next);
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

net::Task<Result<registry::Node>> NodesDoor::find(std::string name, std::string subnet_id) {
    if (is_node_id(name))
        co_return Error(Problem::validation,
                        "a name is needed here; by id: " + std::string(admin_prefix) + name);
    if (!is_node_name(name)) co_return Error(Problem::validation, "this is no node name");
    if (!deps_.subnet_id.empty()) {
        if (!subnet_id.empty() && subnet_id != deps_.subnet_id)
            co_return Error(Problem::node_unknown, "node " + name);
        subnet_id = deps_.subnet_id;
    }
    auto found = co_await deps_.office.desk().named(name, std::move(subnet_id));
    if (!found) co_return found.error();
    if (found->empty()) co_return Error(Problem::node_unknown, "node " + name);
    if (found->size() > 1)
        co_return Error(Problem::validation,
                        "several subnets have a node " + name + ": add ?subnet=");
    co_return std::move(found->front());
}

net::Task<void> NodesDoor::by_name(net::Exchange& exchange, std::string name) {
    auto const caller = co_await allowed_caller(exchange, deps_.caller, enrol::Scope::view);
    if (!caller) co_return;
    auto const query = std::string(exchange.request().query());
    auto const wish = parse_one_wish(query);
    Result<registry::Node> found = Error(Problem::validation, "");
    if (!wish)
        found = wish.error();
    else
        found = co_await find(std::move(name), wish->subnet_id);
    co_await show(exchange, *caller, std::move(found));
}

/// The node that the caller proves to be by its certificate. Who is not the node of that name
/// learns nothing about it.
net::Task<Result<registry::Node>> NodesDoor::speaker(net::Exchange& exchange, std::string name) {
    auto const shown = exchange.peer().certificate;
    auto const who = shown ? shown->node() : std::nullopt;
    Error const stranger(Problem::unauthorized, "the certificate of node " + name + " is needed");
    if (!who) co_return stranger;
    auto const known = co_await deps_.office.desk().find_node(who->node_id);
    if (!known) co_return known.error();
    auto const& node = *known;
    bool const over = deps_.office.desk().clock().wall() >= shown->not_after();
    bool const same = !over && node && node->name == name && node->subnet_id == who->subnet_id &&
                      node->spki_sha256 == to_hex(shown->spki_sha256());
    if (!same) co_return stranger;
    if (node->removed_at) co_return Error(Problem::node_gone, "node " + name);
    // Of a member with a link Root keeps its hub's word, and no other. An agent has none.
    bool const has_hub = deps_.subnet_id.empty() && node->role != "hub";
    if (has_hub && deps_.office.axes(*node).connected)
        co_return Error(Problem::node_state, "a member reports to its hub");
    co_return *node;
}

net::Task<void> NodesDoor::heartbeat(net::Exchange& exchange, std::string name) {
    auto node = co_await speaker(exchange, std::move(name));
    if (!node) {
        co_await answer_error(exchange, node.error());
        co_return;
    }
    auto const body = co_await json_body(exchange);
    if (!body) co_return;
    auto said = registry::heartbeat_from_json(*body);
    Result<registry::Node> heard = Error(Problem::validation, "");
    if (!said)
        heard = said.error();
    else
        heard = co_await deps_.office.desk().heartbeat(node->node_id, std::move(*said));
    if (!heard) {
        co_await answer_error(exchange, heard.error());
        co_return;
    }
    deps_.office.note_report(heard->node_id, NodeOffice::Report::posted);
    auto const settled = co_await deps_.office.settle(std::move(*heard));
    if (deps_.heard && settled.role != "hub") deps_.heard(settled, *body);
    (void)co_await net::respond_json(exchange, 200, "{\"ok\":true}\n");
}

net::Task<void> NodesDoor::by_id(net::Exchange& exchange, std::string node_id) {
    auto const caller = co_await allowed_caller(exchange, deps_.caller, enrol::Scope::view);
    if (!caller) co_return;
    Result<registry::Node> found = Error(Problem::validation, "a node id is needed here");
    if (is_node_id(node_id)) {
        auto const known = co_await deps_.office.desk().find_node(node_id);
        if (!known)
            found = known.error();
        else if (!*known || (*known)->removed_at ||
                 (!deps_.subnet_id.empty() && (*known)->subnet_id != deps_.subnet_id))
            found = Error(Problem::node_unknown, "node " + node_id);
        else
            found = **known;
    }
    co_await show(exchange, *caller, std::move(found));
}

net::Task<void> NodesDoor::show(net::Exchange& exchange, Caller caller,
                                Result<registry::Node> found) {
    if (!found) {
        co_await answer_error(exchange, found.error());
        co_return;
    }
    auto node = co_await deps_.office.settle(std::move(*found));
    co_await answer(exchange, std::move(caller), std::move(node));
}

net::Task<void> NodesDoor::answer(net::Exchange& exchange, Caller caller, registry::Node node) {
    auto const axes = deps_.office.axes(node);
    auto const now = deps_.office.desk().clock().wall();
    auto json = node_json({std::move(node), axes}, caller.scope, now) + "\n";
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

net::Task<void> NodesDoor::operate(net::Exchange& exchange, std::string name, NodeCommand command) {
    auto const caller = co_await allowed_caller(exchange, deps_.caller, needed(command));
    if (!caller) co_return;
    auto const query = std::string(exchange.request().query());
    auto const wish = parse_one_wish(query);
    Result<registry::Node> done = Error(Problem::validation, "");
    if (!wish)
        done = wish.error();
    else if (wish->force == NodeOrder::Force::yes && command != NodeCommand::remove)
        done = Error(Problem::validation, "force: only a removal can be forced");
    else
        done = co_await find(std::move(name), wish->subnet_id);
    if (done) {
        NodeOrder order{command, wish->force, caller->actor};
        auto found = std::move(*done);
        done = co_await deps_.office.carry_out(std::move(found), std::move(order));
    }
    if (done && command == NodeCommand::remove) {
        co_await answer_nothing(exchange);
    } else if (done) {
        co_await answer(exchange, *caller, std::move(*done));
    } else if (done.error().code == Problem::node_busy) {
        auto json = busy_json(done.error());
        co_await answer_problem_json(exchange, 409, std::move(json));
    } else {
        co_await answer_error(exchange, done.error());
    }
}

}  // namespace adaos::api

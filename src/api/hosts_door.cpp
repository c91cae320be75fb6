#include "api/hosts_door.hpp"

#include "api/attempt.hpp"
#include "api/open_pages.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "enrol/audit.hpp"

namespace adaos::api {
namespace {

constexpr char const* host_door = "/api/v1/hosts/register";

/// Name of the agent's binary in the folder that is handed out.
constexpr char const* agent_prefix = "openinfra-agent-linux-";

/// How long a removed host may still be in the tunnel, and a backend that failed be behind.
constexpr std::chrono::seconds tunnel_interval{30};

/// Writes what was reserved into the grant, in the transaction that mints it.
enrol::AlongMint reserve_along(Desk& desk, enrol::OverlayNet net, std::string subnet,
                               std::string wanted) {
    return [&desk, net, subnet = std::move(subnet), wanted = std::move(wanted)](
               store::Database& db, enrol::Minted const& minted) -> Result<void> {
        enrol::Overlay overlay(db, net, desk.clock());
        auto const address = overlay.reserve({subnet, minted.id, ""}, wanted);
        if (address.has_error()) return address.error();
        auto put = db.prepare("UPDATE grants SET alloc_json = ?2 WHERE id = ?1");
        put.bind(1, minted.id).bind(2, alloc_with_address(*address));
        return put.run();
    };
}

}  // namespace

void HostsDoor::add_routes(Router& router) {
    router.add("POST", "/api/v1/admin/host-invites",
               [this](net::Exchange& exchange, PathParts) { return invite(exchange); });
    router.add("GET", "/api/v1/admin/host-invites",
               [this](net::Exchange& exchange, PathParts) { return invites(exchange); });
    router.add("DELETE", "/api/v1/admin/host-invites/{id}",
               [this](net::Exchange& exchange, PathParts parts) {
                   return revoke(exchange, std::move(parts.front()));
               });
    router.add("POST", host_door,
               [this](net::Exchange& exchange, PathParts) { return enter(exchange); });
    router.add("GET", "/api/v1/admin/hosts",
               [this](net::Exchange& exchange, PathParts) { return hosts(exchange); });
    router.add("PUT", "/api/v1/admin/hosts/{host_id}/peer",
               [this](net::Exchange& exchange, PathParts parts) {
                   return put_peer(exchange, std::move(parts.front()));
               });
    router.add("GET", "/dist/{artifact}", [this](net::Exchange& exchange, PathParts parts) {
        return hand_out(exchange, std::move(parts.front()));
    });
}

net::Task<void> HostsDoor::invite(net::Exchange& exchange) {
    auto const caller = co_await admin_only(exchange, desk_.who);
    if (!caller) co_return;
    auto const asked = check_query(exchange.request().query(), QueryNames());
    if (!asked) {
        co_await answer_error(exchange, asked.error());
        co_return;
    }
    auto const body = co_await json_body(exchange);
    if (!body) co_return;
    auto wish = parse_invite_wish(*body);
    auto const subnet = wish ? subnet_of_order(desk_.subnet_id, wish->order.subnet_id)
                             : Result<std::string>(wish.error());
    if (!subnet) {
        co_await answer_error(exchange, subnet.error());
        co_return;
    }
    auto order = std::move(wish->order);
    order.subnet_id = *subnet;
    order.created_by = caller->actor;
    order.created_from = caller_address(exchange);
    auto const note = order.note;
    if (!wish->overlay_address.empty())
        order.along =
            reserve_along(desk_.desk, desk_.settings.overlay, *subnet, wish->overlay_address);
    auto const minted = co_await desk_.book.mint(std::move(order));
    if (!minted) {
        co_await answer_error(exchange, minted.error());
        co_return;
    }
    auto const row = co_await desk_.book.row(minted->id, "");
    if (!row) {
        co_await answer_error(exchange, row.error());
        co_return;
    }
    auto json = invite_json({*minted, address_of_alloc(row->alloc_json), note, desk_.url(),
                             desk_.book.ca_fingerprint()},
                            desk_.settings);
    Created created{"../../../v1/enrol/grants/", "id"};
    co_await answer_created(exchange, std::move(json), std::move(created));
}

net::Task<void> HostsDoor::invites(net::Exchange& exchange) {
    auto const caller = co_await admin_only(exchange, desk_.who);
    if (!caller) co_return;
    auto filter = parse_grant_filter(exchange.request().query(), one_kind_names);
    if (!filter) {
        co_await answer_error(exchange, filter.error());
        co_return;
    }
    filter->kind = enrol::Kind::host;
    if (!desk_.subnet_id.empty()) filter->subnet_id = desk_.subnet_id;
    auto const limit = filter->limit;
    auto const rows = co_await desk_.book.rows(std::move(*filter));
    if (!rows) {
        co_await answer_error(exchange, rows.error());
        co_return;
    }
    auto json = invites_json(*rows, limit);
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

net::Task<void> HostsDoor::revoke(net::Exchange& exchange, std::string id) {
    auto const caller = co_await admin_only(exchange, desk_.who);
    if (!caller) co_return;
    auto const row = co_await desk_.book.row(id, "");
    Result<void> ended = Error(Problem::not_found, "invite");
    if (row && row->kind == enrol::kind_word(enrol::Kind::host)) {
        Actor actor{caller->actor, caller_address(exchange)};
        ended = co_await desk_.book.end(std::move(id), "", std::move(actor));
    }
    if (!ended) {
        co_await answer_error(exchange, ended.error());
        co_return;
    }
    co_await answer_nothing(exchange);
}

net::Task<void> HostsDoor::enter(net::Exchange& exchange) {
    auto body = co_await attempt_body(exchange, desk_.desk, Overheard::never);
    if (!body) co_return;
    auto done = co_await let_in(std::move(*body), exchange.peer().address);
    if (!done) {
        co_await answer_at_door(exchange, enrol::Door::host, done.error());
        co_return;
    }
    Created created{"../admin/nodes/", "host_id"};
    co_await answer_created(exchange, std::move(*done), std::move(created));
}

enrol::AlongRedeem settle_overlay(MachineDesk const& desk, std::string wg_public_key) {
    return
        [net = desk.settings.overlay, &clock = desk.desk.clock(), key = std::move(wg_public_key)](
            store::Database& db, enrol::Redeemed const& done) -> Result<void> {
            enrol::Overlay overlay(db, net, clock);
            auto const address =
                overlay.settle({done.node.subnet_id, done.grant_id, done.node.node_id}, key);
            if (address.has_error()) return address.error();
            return {};
        };
}

net::Task<Result<std::string>> HostsDoor::let_in(std::string body, std::string source) {
    auto request = parse_host_request(body);
    if (!request) {
        desk_.desk.count_refusal(source, host_door, request.error());
        co_return request.error();
    }
    auto order = std::move(request->order);
    order.door = host_door;
    order.subnet_id = desk_.subnet_id;
    order.source = std::move(source);
    order.along = settle_overlay(desk_, request->wg_public_key);
    auto const done = co_await desk_.desk.redeem(std::move(order), desk_.sign);
    if (!done) {
        desk_.log.debug("host refused", {{"cause", done.error().message()}});
        co_return done.error();
    }
    using Found = std::optional<enrol::Peer>;
    auto const net = desk_.settings.overlay;
    auto& clock = desk_.desk.clock();
    auto const node_id = done->node.node_id;
    std::function<Result<Found>(store::Database&)> const job = [net, &clock, node_id](auto& db) {
        return enrol::Overlay(db, net, clock).find(node_id);
    };
    auto const peer = co_await desk_.desk.ask<Found>(job);
    if (!peer) co_return peer.error();
    co_await tell_tunnel();
    desk_.log.info("host registered", {{"host", node_id},
                                       {"name", done->node.name},
                                       {"overlay", *peer ? (*peer)->overlay_address : "-"},
                                       {"replayed", done->replayed ? "yes" : "no"}});
    desk_.admitted(done->node);
    auto digest = co_await digest_of_agent(done->node.inventory.architecture);
    AdmittedHost const admitted{*done, *peer ? (*peer)->overlay_address : std::string(),
                                desk_.anchors_pem(), std::move(digest)};
    co_return host_answer(admitted, desk_.settings);
}

net::Task<std::string> HostsDoor::digest_of_agent(std::string architecture) {
    auto const name = agent_prefix + architecture;
    std::function<Result<std::string>(store::Database&)> const job =
        [artifacts = desk_.artifacts, folder = desk_.settings.dist,
         name](auto&) -> Result<std::string> {
        auto const found = artifacts->open(folder, name);
        if (!found) return found.error();
        return found->sha256;
    };
    auto const digest = co_await desk_.desk.ask<std::string>(job);
    co_return digest ? *digest : std::string();
}

net::Task<void> HostsDoor::tell_tunnel() {
    std::function<Result<void>(store::Database&)> const job =
        [tunnel = desk_.tunnel, net = desk_.settings.overlay, &clock = desk_.desk.clock()](
            auto& db) { return sync_peers(db, enrol::Overlay(db, net, clock), *tunnel); };
    auto const told = co_await desk_.desk.ask<void>(job);
    auto const cause = told ? std::string() : told.error().message();
    if (!cause.empty() && cause != tunnel_cause_)
        desk_.log.warning("the tunnel's peers are behind", {{"cause", cause}});
    tunnel_cause_ = cause;
}

net::Task<void> HostsDoor::keep_tunnel(net::Timers& timers) {
    for (;;) {
        co_await tell_tunnel();
        co_await net::sleep(timers, tunnel_interval);
    }
}

net::Task<void> HostsDoor::hosts(net::Exchange& exchange) {
    auto const caller = co_await admin_only(exchange, desk_.who);
    if (!caller) co_return;
    auto const page = parse_page(exchange.request().query(), page_names);
    if (!page) {
        co_await answer_error(exchange, page.error());
        co_return;
    }
    co_await tell_tunnel();
    using Hosts = std::vector<ShownHost>;
    std::function<Result<Hosts>(store::Database&)> const job =
        [net = desk_.settings.overlay, &clock = desk_.desk.clock(), subnet = desk_.subnet_id,
         page = *page](auto& db) -> Result<Hosts> {
        enrol::Overlay overlay(db, net, clock);
        auto const ids = overlay.host_ids(subnet, page.cursor, page.limit);
        if (!ids) return ids.error();
        Hosts found;
        for (auto const& id : *ids) {
            auto node = registry::Nodes(db).find(id);
            if (!node) return node.error();
            auto peer = overlay.find(id);
            if (!peer) return peer.error();
            if (*node) found.push_back({std::move(**node), {}, std::move(*peer)});
        }
        return found;
    };
    auto found = co_await desk_.desk.ask<Hosts>(job);
    if (!found) {
        co_await answer_error(exchange, found.error());
        co_return;
    }
    for (auto& host : *found) host.axes = desk_.axes(host.node);
    auto json = hosts_json(*found, page->limit, desk_.desk.clock().wall());
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

net::Task<void> HostsDoor::put_peer(net::Exchange& exchange, std::string host_id) {
    auto const caller = co_await admin_only(exchange, desk_.who);
    if (!caller) co_return;
    auto const body = co_await json_body(exchange);
    if (!body) co_return;
    auto const wish = parse_peer_wish(*body);
    Result<enrol::Peer> done = Error(Problem::node_unknown, "host " + host_id);
    if (!wish) {
        done = wish.error();
    } else if (is_node_id(host_id)) {
        std::function<Result<enrol::Peer>(store::Database&)> const job =
            [net = desk_.settings.overlay, &clock = desk_.desk.clock(), subnet = desk_.subnet_id,
             wish = *wish, host_id, actor = caller->actor](auto& db) {
                std::function<Result<enrol::Peer>()> const both = [&]() -> Result<enrol::Peer> {
                    auto const node = registry::Nodes(db).find(host_id);
                    if (!node) return node.error();
                    bool const ours = *node && !(*node)->removed_at &&
                                      (subnet.empty() || (*node)->subnet_id == subnet);
                    if (!ours) return Error(Problem::node_unknown, "host " + host_id);
                    auto peer = enrol::Overlay(db, net, clock)
                                    .put({(*node)->subnet_id, "", host_id}, wish.overlay_address,
                                         wish.wg_public_key, actor);
                    if (!peer) return peer;
                    enrol::AuditRow event;
                    event.at = clock.wall();
                    event.event = "peer_set";
                    event.actor = actor;
                    event.node_id = host_id;
                    event.detail = peer->overlay_address;
                    if (auto noted = enrol::append_audit(db, event); !noted) return noted.error();
                    return peer;
                };
                return db.template transaction<enrol::Peer>(both);
            };
        done = co_await desk_.desk.ask<enrol::Peer>(job);
    }
    if (!done) {
        co_await answer_error(exchange, done.error());
        co_return;
    }
    co_await tell_tunnel();
    auto json = peer_json(*done);
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

net::Task<void> HostsDoor::hand_out(net::Exchange& exchange, std::string name) {
    std::function<Result<Artifact>(store::Database&)> const job =
        [artifacts = desk_.artifacts, folder = desk_.settings.dist, name = std::move(name)](auto&) {
            return artifacts->open(folder, name);
        };
    auto found = co_await desk_.desk.ask<Artifact>(job);
    if (!found) {
        co_await answer_error(exchange, found.error());
        co_return;
    }
    co_await send_artifact(exchange, std::move(*found));
}

}  // namespace adaos::api

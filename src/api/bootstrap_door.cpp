#include "api/bootstrap_door.hpp"

#include "api/attempt.hpp"
#include "api/open_pages.hpp"
#include "api/query.hpp"
#include "base/bytes.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "enrol/audit.hpp"
#include "net/http_client.hpp"
#include "store/atomic_file.hpp"

#include <algorithm>
#include <array>

namespace adaos::api {
namespace {

/// In place of the token in a path: it is in the header, and so in nobody's log.
constexpr std::string_view in_header = "self";
constexpr char const* token_header = "x-bootstrap-token";
constexpr char const* shell_type = "text/x-shellscript";

Secret token_of(net::Exchange& exchange, std::string part) {
    if (part != in_header) return Secret(std::move(part));
    auto const* const field = exchange.request().fields.find(token_header);
    return Secret(field == nullptr ? std::string() : *field);
}

constexpr std::array<std::string_view, 2> mint_names{"mode", "format"};

/// The route, for the trail; its path holds the token.
std::string door_of(std::string_view what) {
    return "/api/v1/bootstrap/nodes/{token}/" + std::string(what);
}

/// Nobody reads along: TLS, this machine, or a link (which is TLS).
bool is_private(net::Peer const& peer) {
    return peer.tls || peer.loopback || peer.via == net::Peer::Via::link;
}

bool wants_script(net::RequestHead const& head) {
    return query_value(head.query(), "format").value_or("") == "sh" ||
           head.fields.has_token("accept", shell_type);
}

bool is_empty(net::Framing const& framing) {
    using Kind = net::Framing::Kind;
    return framing.kind == Kind::none || (framing.kind == Kind::length && framing.length == 0);
}

Result<registry::Node> store_item(store::Database& db, registry::InventoryItem const& item) {
    std::function<Result<registry::Node>()> const both = [&]() -> Result<registry::Node> {
        auto node = registry::NodeInventory(db).add(item);
        if (!node) return node;
        enrol::AuditRow event;
        event.at = item.created_at;
        event.event = "invited";
        event.actor = item.created_by;
        event.node_id = node->node_id;
        event.detail = node->name;
        if (auto noted = enrol::append_audit(db, event); !noted) return noted.error();
        return node;
    };
    return db.transaction<registry::Node>(both);
}

net::Task<void> send_secret_text(net::Exchange& exchange, std::string type, std::string body) {
    net::ResponseHead head;
    head.fields.add("Content-Type", std::move(type));
    head.fields.add("Cache-Control", "no-store");
    head.fields.add("X-Checksum-Sha256", to_hex(sha256(as_bytes(body))));
    (void)co_await net::respond_whole(exchange, std::move(head), std::move(body));
}

}  // namespace

void BootstrapDoor::add_routes(Router& router) {
    router.add("POST", "/api/v1/admin/nodes",
               [this](net::Exchange& exchange, PathParts) { return add_node(exchange); });
    router.add("POST", "/api/v1/admin/nodes/{node_id}/bootstrap-script",
               [this](net::Exchange& exchange, PathParts parts) {
                   return mint(exchange, std::move(parts.front()));
               });
    for (auto const* const method : {"GET", "POST"}) {
        router.add(method, "/api/v1/bootstrap/nodes/{token}/script",
                   [this](net::Exchange& exchange, PathParts parts) {
                       return script(exchange, std::move(parts.front()));
                   });
    }
    router.add("GET", "/api/v1/bootstrap/nodes/{token}/registry-credential",
               [this](net::Exchange& exchange, PathParts parts) {
                   return credential(exchange, std::move(parts.front()));
               });
    router.add("GET", "/api/v1/bootstrap/nodes/{token}/package",
               [this](net::Exchange& exchange, PathParts parts) {
                   return package(exchange, std::move(parts.front()));
               });
}

net::Task<void> BootstrapDoor::add_node(net::Exchange& exchange) {
    auto const caller = co_await admin_only(exchange, desk_.who);
    if (!caller) co_return;
    auto const body = co_await json_body(exchange);
    if (!body) co_return;
    auto item = parse_inventory_item(*body);
    auto const subnet = item ? subnet_of_order(desk_.subnet_id, item->subnet_id)
                             : Result<std::string>(item.error());
    if (!subnet) {
        co_await answer_error(exchange, subnet.error());
        co_return;
    }
    auto const known = co_await desk_.book.check_subnet(*subnet);
    if (!known) {
        co_await answer_error(exchange, known.error());
        co_return;
    }
    item->subnet_id = *subnet;
    item->created_by = caller->actor;
    item->created_at = desk_.desk.clock().wall();
    if (item->node_id.empty()) item->node_id = desk_.desk.random().uuid();
    std::function<Result<registry::Node>(store::Database&)> const job = [item = *item](auto& db) {
        return store_item(db, item);
    };
    auto const node = co_await desk_.desk.ask<registry::Node>(job);
    if (!node) {
        co_await answer_error(exchange, node.error());
        co_return;
    }
    auto json = inventory_json(*node, *item);
    Created created{"nodes/", "node_id"};
    co_await answer_created(exchange, std::move(json), std::move(created));
}

net::Task<Result<registry::Node>> BootstrapDoor::target(std::string node_id) {
    Error const unknown(Problem::node_unknown, "node " + node_id);
    if (!is_node_id(node_id)) co_return Error(Problem::validation, "a node id is needed here");
    auto const known = co_await desk_.desk.find_node(node_id);
    if (!known) co_return known.error();
    auto const& node = *known;
    bool const ours = node && !node->removed_at &&
                      (desk_.subnet_id.empty() || node->subnet_id == desk_.subnet_id);
    if (!ours) co_return unknown;
    if (node->role != "member")
        co_return Error(Problem::node_state, "it is the hub, which no bootstrap token enrols");
    co_return *node;
}

net::Task<Result<Artifact>> BootstrapDoor::current_package() {
    auto const& path = desk_.settings.package;
    if (path.empty())
        co_return Error(Problem::config_invalid, "NODE_BOOTSTRAP_PACKAGE: there is no package");
    std::function<Result<Artifact>(store::Database&)> const job = [artifacts = desk_.artifacts,
                                                                   path](auto&) {
        return artifacts->open(path.parent_path(), path.filename().string());
    };
    auto found = co_await desk_.desk.ask<Artifact>(job);
    if (!found && found.error().code == Problem::not_found)
        co_return Error(Problem::config_invalid, "NODE_BOOTSTRAP_PACKAGE: no file of that name");
    co_return found;
}

net::Task<Result<ScriptFacts>> BootstrapDoor::facts(registry::Node node, BootstrapPlan plan,
                                                    Secret token) {
    auto const& settings = desk_.settings;
    auto const url = net::parse_url(settings.api_url.empty() ? desk_.url() : settings.api_url);
    if (!url) co_return url.error();
    ScriptFacts out;
    out.node_id = node.node_id;
    out.node_name = node.name;
    out.token = std::move(token);
    out.api_host = url->host;
    out.api_port = std::to_string(url->port);
    // A hub's port speaks both; what follows the trust step is HTTPS and nothing else.
    auto const origin = url->origin();
    out.api_url = url->scheme == "http" ? "https" + origin.substr(4) : origin;
    out.node_api_url = settings.node_api_url.empty() ? out.api_url : settings.node_api_url;
    out.task_key = settings.task_key;
    out.https_ca_pem = settings.api_url.empty() ? desk_.tls_ca_pem() : std::string();
    out.trust_bundle_pem = desk_.tls_ca_pem().empty() ? desk_.anchors_pem() : desk_.tls_ca_pem();
    out.trust_version = plan.trust_version;
    out.resolve_address = settings.resolve_address;
    out.package_ref = plan.package_ref;
    out.package_digest = plan.package_digest;
    out.installs_runtime = settings.installs_runtime;
    out.runtime_package = settings.runtime_package;
    out.service = settings.agent_service;
    co_return out;
}

net::Task<void> BootstrapDoor::mint(net::Exchange& exchange, std::string node_id) {
    auto const caller = co_await admin_only(exchange, desk_.who);
    if (!caller) co_return;
    std::optional<std::string> body = "{}";
    if (!is_empty(exchange.request_framing())) body = co_await json_body(exchange);
    if (!body) co_return;
    auto order = parse_bootstrap_wish(*body);
    auto const asked = check_query(exchange.request().query(), mint_names);
    if (order && !asked) order = asked.error();
    BootstrapPlan plan;
    plan.mode = query_value(exchange.request().query(), "mode").value_or("manual");
    if (plan.mode == "cloud-init") plan.mode = "cloud_init";
    if (order && plan.mode != "manual" && plan.mode != "cloud_init")
        order = Error(Problem::validation, "mode: manual or cloud_init");
    Result<registry::Node> node = Error(Problem::internal, "");
    if (!order)
        node = order.error();
    else
        node = co_await target(std::move(node_id));
    Result<Artifact> found = Error(Problem::internal, "");
    if (!node)
        found = node.error();
    else
        found = co_await current_package();
    if (!found) {
        if (found.error().code == Problem::config_invalid)
            desk_.log.warning("no bootstrap package", {{"cause", found.error().message()}});
        co_await answer_error(exchange, found.error());
        co_return;
    }
    plan.package_ref = desk_.settings.package_ref;
    plan.package_digest = found->sha256;
    auto const bundle = desk_.tls_ca_pem() + "\n" + desk_.anchors_pem();
    plan.trust_version = "tb-" + to_hex(sha256(as_bytes(bundle))).substr(0, 12);
    order->subnet_id = node->subnet_id;
    order->node_id = node->node_id;
    order->alloc_json = plan_json(plan);
    order->created_by = caller->actor;
    order->created_from = caller_address(exchange);
    auto const minted = co_await desk_.book.mint(std::move(*order));
    if (!minted) {
        co_await answer_error(exchange, minted.error());
        co_return;
    }
    auto const rendered = co_await facts(std::move(*node), plan, minted->secret);
    if (!rendered) {
        co_await answer_error(exchange, rendered.error());
        co_return;
    }
    auto json = bootstrap_json(*rendered, plan, minted->expires_at);
    co_await send_secret_text(exchange, "application/json", std::move(json));
}

net::Task<std::optional<enrol::GrantRow>> BootstrapDoor::read(net::Exchange& exchange, Secret token,
                                                              std::string what) {
    auto const what_for = what;
    std::function<Result<enrol::GrantRow>(store::Database&)> const job =
        [this, token = std::move(token), what = std::move(what), source = caller_address(exchange)](
            auto& db) { return desk_.desk.grants(db).fetch(token, what, source); };
    auto row = co_await desk_.desk.change<enrol::GrantRow>(job);
    if (row) co_return std::move(*row);
    if (row.error().code == Problem::code_throttled)
        count_refusal(exchange, desk_.desk, row.error(), door_of(what_for));
    co_await answer_at_door(exchange, enrol::Door::bootstrap, row.error());
    co_return std::nullopt;
}

net::Task<void> BootstrapDoor::script(net::Exchange& exchange, std::string token) {
    auto const secret = token_of(exchange, std::move(token));
    auto const row = co_await read(exchange, secret, "script");
    if (!row) co_return;
    auto const plan = parse_plan(row->alloc_json);
    Result<registry::Node> node = Error(Problem::internal, "");
    if (!plan)
        node = plan.error();
    else
        node = co_await target(row->node_id);
    Result<ScriptFacts> rendered = Error(Problem::internal, "");
    if (!node)
        rendered = node.error();
    else
        rendered = co_await facts(std::move(*node), *plan, secret);
    if (!rendered) {
        co_await answer_at_door(exchange, enrol::Door::bootstrap, rendered.error());
        co_return;
    }
    if (wants_script(exchange.request())) {
        auto text = render_node_script(*rendered);
        co_await send_secret_text(exchange, shell_type, std::move(text));
        co_return;
    }
    auto json = bootstrap_json(*rendered, *plan, row->expires_at);
    co_await send_secret_text(exchange, "application/json", std::move(json));
}

net::Task<void> BootstrapDoor::credential(net::Exchange& exchange, std::string token) {
    if (!is_private(exchange.peer())) {
        Error error(Problem::join_needs_proof, "this connection is not TLS");
        count_refusal(exchange, desk_.desk, error, door_of("credential"));
        co_await answer_error(exchange, std::move(error));
        co_return;
    }
    auto const row = co_await read(exchange, token_of(exchange, std::move(token)), "credential");
    if (!row) co_return;
    auto const& path = desk_.settings.registry_file;
    auto const text =
        path.empty() ? Result<std::optional<std::string>>(std::nullopt) : store::read_secret(path);
    if (text && !*text) {
        co_await answer_nothing(exchange);
        co_return;
    }
    auto found =
        text ? parse_registry_credential(**text) : Result<RegistryCredential>(text.error());
    if (!found) {
        desk_.log.warning("no registry credential", {{"cause", found.error().message()}});
        co_await answer_at_door(exchange, enrol::Door::bootstrap, found.error());
        co_return;
    }
    // It ends with the token, if not before.
    bool const says = found->expires_at != WallTime{};
    found->expires_at = says ? std::min(found->expires_at, row->expires_at) : row->expires_at;
    bool const lines = query_value(exchange.request().query(), "format").value_or("") == "env";
    auto body = lines ? credential_lines(*found) : credential_json(*found);
    std::string type = lines ? "text/plain" : "application/json";
    co_await send_secret_text(exchange, std::move(type), std::move(body));
}

net::Task<void> BootstrapDoor::package(net::Exchange& exchange, std::string token) {
    auto const row = co_await read(exchange, token_of(exchange, std::move(token)), "package");
    if (!row) co_return;
    auto const plan = parse_plan(row->alloc_json);
    auto const asked = query_value(exchange.request().query(), "digest");
    Result<Artifact> found = Error(Problem::not_found, "the token is for another package");
    if (!plan)
        found = plan.error();
    else if (!asked || *asked == "sha256:" + plan->package_digest)
        found = co_await current_package();
    if (found && found->sha256 != plan->package_digest)
        found = Error(Problem::not_found, "the package is no longer here: render the script anew");
    if (!found) {
        co_await answer_at_door(exchange, enrol::Door::bootstrap, found.error());
        co_return;
    }
    co_await send_artifact(exchange, std::move(*found));
}

}  // namespace adaos::api

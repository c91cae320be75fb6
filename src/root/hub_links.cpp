#include "root/hub_links.hpp"

#include "api/renewal.hpp"
#include "pki/request.hpp"
#include "root/link_calls.hpp"

#include <algorithm>

namespace adaos::root {
namespace {

constexpr std::string_view grants_prefix = "grants.";

}  // namespace

HubLinks::HubLinks(net::Env env, api::Desk& desk, api::GrantBook& book,
                   std::shared_ptr<net::TlsContext const> tls, RootFacts const& facts,
                   pki::CurrentAuthority const& ca)
    : desk_(desk),
      book_(book),
      facts_(facts),
      ca_(ca),
      log_(env.log),
      door_(door_deps(env), std::move(tls)),
      nodes_(desk, door_.links(), [this](registry::Node const& node) { let_go(node); }),
      tasks_(env.loop, env.log) {}

link::LinkDoor::Deps HubLinks::door_deps(net::Env env) {
    return {std::move(env), "hub",
            [this](pki::Certificate const& peer, link::Hello const& hello) {
                return admit(peer, hello);
            },
            [](link::Hello const& hello) { return hello.subnet_id; },
            [this](link::Hello const& hub, std::string method, std::string params) {
                return answer(hub, std::move(method), std::move(params));
            }};
}

net::Task<link::HelloAck> HubLinks::admit(pki::Certificate const& peer, link::Hello const& hello) {
    link::HelloAck ack;
    ack.node_id = "root";
    ack.subnet_id = hello.subnet_id;
    ack.server_time = rfc3339(desk_.clock().wall());
    auto const who = peer.node();
    if (!who || !who->hub) {
        ack.error = "not_a_hub";
        ack.detail = "only a hub has a link to Root";
        co_return ack;
    }
    if (!signed_by_root(peer)) {
        ack.error = "node_unknown";
        ack.detail = "this hub's certificate is not from Root itself; run adaos dev root init";
        co_return ack;
    }
    auto const known = co_await desk_.find_node(who->node_id);
    if (!known) {
        ack.error = "protocol";
        ack.detail = known.error().message();
        co_return ack;
    }
    bool const valid = *known && !(*known)->removed_at && (*known)->subnet_id == who->subnet_id &&
                       (*known)->spki_sha256 == to_hex(peer.spki_sha256());
    if (!valid) {
        bool const removed = *known && (*known)->removed_at;
        ack.error = removed ? "node_revoked" : "node_unknown";
        ack.detail = removed ? "this hub was removed from Root; run adaos dev root init"
                             : "this hub is not registered here; run adaos dev root init";
        co_return ack;
    }
    auto const& before = (*known)->inventory.architecture;
    if (!before.empty() && !hello.architecture.empty() && before != hello.architecture) {
        ack.error = "architecture_mismatch";
        ack.detail = "it is registered as " + before + " and says it is " + hello.architecture;
        co_return ack;
    }
    auto const noted = co_await desk_.seen(who->node_id);
    if (!noted) {
        ack.error = "protocol";
        ack.detail = noted.error().message();
        co_return ack;
    }
    ack.ok = true;
    co_return ack;
}

net::Task<Result<std::string>> HubLinks::answer(link::Hello const& hub, std::string method,
                                                std::string params) {
    // Plain calls, not co_await: the hello is only read here, before anything is awaited.
    if (method == "join_code.create")
        return mint_code(hub.subnet_id, hub.node_id, std::move(params));
    if (method == "nodes.changed_since") return changed_nodes(hub.subnet_id, std::move(params));
    if (method == "nodes.arrived") return arrived(hub.subnet_id, std::move(params));
    if (method.starts_with(grants_prefix))
        return call_book(hub.subnet_id, hub.node_id, std::move(method), std::move(params));
    if (method == "certificate.renew") return renew(hub.subnet_id, hub.node_id, std::move(params));
    if (auto of_nodes = nodes_.answer(hub, method, std::move(params))) return std::move(*of_nodes);
    return link::no_such_call(std::move(method));
}

/// A hub can sign itself a leaf with its issuer, but only Root says that it is the hub.
bool HubLinks::signed_by_root(pki::Certificate const& leaf) const {
    auto const cas = pki::certificates_from_pem(facts_.ca_pem);
    if (!cas) return false;
    auto const issuer = leaf.issuer();
    return std::any_of(cas->begin(), cas->end(),
                       [&](pki::Certificate const& ca) { return ca.subject() == issuer; });
}

net::Task<Result<std::string>> HubLinks::renew(std::string subnet_id, std::string node_id,
                                               std::string params) {
    auto ask = api::parse_renew_ask(params);
    if (!ask) co_return ask.error();
    auto const ca = ca_.get();
    auto& clock = desk_.clock();
    auto& random = desk_.random();
    api::RenewAnswer answer;
    if (!ask->issuer_csr_pem.empty()) {
        auto const key = pki::check_request(ask->issuer_csr_pem);
        if (!key) co_return key.error();
        auto issuer = ca->issue_issuer(*key, subnet_id, clock.wall(), random);
        if (!issuer) co_return issuer.error();
        answer.issuer_cert_pem = std::move(*issuer);
    }
    enrol::RenewOrder order;
    order.node_id = node_id;
    order.subnet_id = subnet_id;
    order.csr_pem = std::move(ask->csr_pem);
    order.actor = node_id;
    enrol::Sign const sign = [ca, &clock, &random](pki::Key const& key,
                                                   registry::Node const& node) {
        return ca->issue_node(key, {node.subnet_id, node.node_id, true}, clock.wall(), random);
    };
    auto const done = co_await desk_.renew(std::move(order), sign);
    if (!done) co_return done.error();
    log_.info("certificate renewed", {{"subnet", subnet_id}, {"node", node_id}});
    answer.cert_pem = done->certificate_pem;
    answer.ca_pem = facts_.ca_pem;
    co_return api::to_json(answer);
}

void HubLinks::let_go(registry::Node const& node) {
    if (node.role != "hub") {
        tell_admitted(node);
        return;
    }
    subnets_.erase(node.subnet_id);
    (void)door_.links().drop(node.subnet_id, "node_revoked", "this hub was removed from Root");
}

net::Task<Result<std::string>> HubLinks::mint_code(std::string subnet_id, std::string node_id,
                                                   std::string params) {
    auto const wish = parse_code_wish(params);
    if (!wish) co_return wish.error();
    enrol::MintOrder order;
    order.kind = enrol::Kind::member;
    order.subnet_id = std::move(subnet_id);
    order.created_by = std::move(node_id);
    order.ttl = wish->ttl;
    order.length = wish->length;
    auto const minted = co_await desk_.mint(std::move(order));
    if (!minted) co_return minted.error();
    co_return code_answer(*minted, facts_);
}

net::Task<Result<std::string>> HubLinks::call_book(std::string subnet_id, std::string node_id,
                                                   std::string method, std::string params) {
    auto call = api::parse_grant_call(method.substr(grants_prefix.size()), params);
    if (!call) co_return call.error();
    // The hub first: what stands behind it is its word alone.
    auto name = call->actor.empty() ? std::move(node_id) : node_id + '/' + call->actor;
    api::Actor actor{std::move(name), ""};
    co_return co_await api::run_grant_call(book_, std::move(*call), std::move(subnet_id),
                                           std::move(actor));
}

net::Task<Result<std::string>> HubLinks::changed_nodes(std::string subnet_id, std::string params) {
    auto const wish = parse_nodes_wish(params);
    if (!wish) co_return wish.error();
    auto const nodes = co_await desk_.changed_since(std::move(subnet_id), wish->since, wish->limit);
    if (!nodes) co_return nodes.error();
    co_return nodes_answer(*nodes);
}

net::Task<Result<std::string>> HubLinks::arrived(std::string subnet_id, std::string params) {
    auto ids = parse_arrived(params);
    if (!ids) co_return ids.error();
    auto const noted = co_await desk_.arrived(std::move(subnet_id), std::move(*ids));
    if (!noted) co_return noted.error();
    co_return std::string("{\"ok\":true}");
}

link::SessionPtr HubLinks::find(std::string const& subnet_id) const {
    return door_.links().find(subnet_id);
}

void HubLinks::tell_admitted(registry::Node const& node) {
    auto session = door_.links().find(node.subnet_id);
    if (!session) return;
    tasks_.spawn(push(std::move(session), "nodes.admitted", nodes_answer({node})));
}

void HubLinks::tell_heard(registry::Node const& node, std::string heartbeat) {
    auto session = door_.links().find(node.subnet_id);
    if (!session) return;
    auto params = api::heard_json({node.node_id, std::move(heartbeat)});
    tasks_.spawn(push(std::move(session), "node.heard", std::move(params)));
}

net::Task<void> HubLinks::push(link::SessionPtr session, std::string method, std::string params) {
    auto const told =
        co_await session->call(std::move(method), std::move(params), std::chrono::seconds(10));
    if (!told) log_.debug("hub not told of a node", {{"cause", told.error().message()}});
}

void HubLinks::drain() {
    door_.links().end_all("draining", "Root is stopping");
}

net::Task<void> HubLinks::stop() {
    co_await tasks_.stop();
}

}  // namespace adaos::root

#include "member/member.hpp"

#include "api/node_office.hpp"
#include "base/problem.hpp"
#include "identity/credentials.hpp"
#include "identity/machine.hpp"

namespace adaos::member {
namespace {

link::Uplink::Deps uplink_deps(net::Env const& env) {
    return {env.loop,   env.network, env.timers,          env.clock,
            env.random, env.log,     link::SessionTimes{}};
}

/// The upstream must be the hub of our subnet and, when the join told it, that very node.
link::CheckPeer is_hub_of(std::string subnet_id, std::string hub_node_id) {
    return [subnet_id = std::move(subnet_id),
            hub_node_id = std::move(hub_node_id)](pki::Certificate const& peer) -> Result<void> {
        auto const who = peer.node();
        if (!who || !who->hub || who->subnet_id != subnet_id)
            return Error(Problem::peer_untrusted, "the upstream is not the hub of " + subnet_id);
        if (!hub_node_id.empty() && who->node_id != hub_node_id)
            return Error(Problem::peer_untrusted, "the upstream is another hub: " + who->node_id);
        return {};
    };
}

}  // namespace

Member::Member(net::Env env, Options options)
    : env_(std::move(env)),
      options_(std::move(options)),
      instance_(env_.random.hex(8)),
      uplink_(
          uplink_deps(env_), [this] { return find_target(); }, handlers()),
      renewer_(renewer_deps()),
      tasks_(env_.loop, env_.log) {
    uplink_.on_change([this] { on_change(); });
    uplink_.prepare_with([this] { return recover(); });
    auto known = identity::load_provisioning(options_.dir);
    if (known) provisioning_ = std::move(*known);
}

void Member::report_in() {
    auto const& state = uplink_.state();
    if (!uplink_.connected() || state.connects == reported_connect_) return;
    reported_connect_ = state.connects;
    // Being let in is what provisions a member; a pause it was told earlier stays.
    auto begun = identity::begin_provisioned(options_.dir);
    if (begun)
        provisioning_ = std::move(*begun);
    else
        env_.log.warning("provisioning not stored", {{"cause", begun.error().message()}});
    tasks_.spawn(send_heartbeat());
}

/// Our name is the one under which the hub lists us: what it is reached by.
void Member::take_name() {
    auto const& ack = uplink_.state().ack;
    if (!uplink_.connected() || !ack || ack->node_name.empty() || ack->node_name == options_.name)
        return;
    env_.log.info("the hub lists this node by another name",
                  {{"name", ack->node_name}, {"before", options_.name}});
    options_.name = ack->node_name;
    auto stored = identity::name_node(options_.dir, options_.name, env_.random);
    if (!stored) env_.log.warning("name not stored", {{"cause", stored.error().message()}});
}

Result<link::Target> Member::find_target() {
    auto const& config = options_.config;
    auto url = net::parse_url(config.hub_url);
    if (!url) return with_context(url.error(), "hub_url");
    auto credentials = identity::load_credentials(options_.dir, identity::Role::member);
    if (!credentials) return credentials.error();
    if (!*credentials)
        return Error(Problem::not_joined,
                     "no member certificate in " + options_.dir.keys().string());
    link::Target target;
    target.url = std::move(*url);
    while (target.url.path.ends_with('/')) target.url.path.pop_back();
    target.url.path += "/ws/subnet";
    target.trust = trust_for(target.url, (*credentials)->anchors_pem);
    target.identity = {(*credentials)->chain_pem, (*credentials)->key_pem};
    target.anchors_pem = (*credentials)->anchors_pem;
    target.check = is_hub_of(config.subnet_id, config.hub_node_id);
    target.hello = {config.node_id, config.subnet_id, "member",
                    options_.name,  options_.name,    config.zone_id,
                    ADAOS_VERSION,  instance_,        identity::machine_architecture()};
    return target;
}

link::SessionHandlers Member::handlers() {
    link::SessionHandlers out;
    out.on_stream = [this](net::StreamPtr stream) { return serve_stream(std::move(stream)); };
    out.on_call = [this](std::string method, std::string) { return answer(std::move(method)); };
    out.on_status = [](std::string const&) {};
    return out;
}

/// An operator's word, kept by this node before it is confirmed.
net::Task<Result<std::string>> Member::answer(std::string method) {
    using identity::ProvisioningCommand;
    if (method == "link.renew") {
        if (!moving_) tasks_.spawn(move_link());
        co_return std::string("{\"ok\":true}");
    }
    if (method != "node.pause" && method != "node.resume")
        co_return co_await link::no_such_call(std::move(method));
    auto const command =
        method == "node.pause" ? ProvisioningCommand::pause : ProvisioningCommand::resume;
    auto changed = identity::command_provisioning(options_.dir, command);
    if (!changed) co_return changed.error();
    provisioning_ = std::move(*changed);
    co_return api::to_json(provisioning_);
}

net::Task<void> Member::beat() {
    while (!stopping_) {
        co_await net::sleep(env_.timers, registry::heartbeat_interval);
        if (uplink_.connected()) co_await send_heartbeat();
    }
}

net::Task<void> Member::send_heartbeat() {
    auto const session = uplink_.session();
    if (!session) co_return;
    registry::Heartbeat said;
    said.inventory.architecture = identity::machine_architecture();
    said.inventory.agent_version = ADAOS_VERSION;
    said.provisioning = provisioning_.state;
    said.provisioning_cause = provisioning_.cause;
    std::string method = "node.heartbeat";
    auto params = registry::to_json(said);
    auto const told = co_await session->call(std::move(method), std::move(params), call_timeout);
    if (!told) env_.log.debug("heartbeat not taken", {{"cause", told.error().message()}});
}

net::Task<void> Member::serve_stream(net::StreamPtr stream) {
    if (handler_ == nullptr) co_return;
    net::Peer peer;
    peer.via = net::Peer::Via::link;
    net::HttpLimits const limits;
    co_await net::serve_http(std::move(stream), std::move(peer), *handler_, env_.timers, limits,
                             stopping_, env_.log);
}

std::optional<enrol::Scope> Member::scope_of(net::Exchange& exchange) const {
    auto const& peer = exchange.peer();
    if (peer.via != net::Peer::Via::link)
        return api::local_scope(peer, exchange.request(), options_.control_token);
    auto const* const said = exchange.request().fields.find(api::scope_header);
    return said == nullptr ? std::nullopt : enrol::parse_scope(*said);
}

net::Task<void> Member::run() {
    tasks_.spawn(beat());
    tasks_.spawn(renewer_.run());
    co_await uplink_.run();
}

net::Task<void> Member::stop() {
    stopping_ = true;
    renewer_.stop();
    co_await uplink_.stop();
    co_await tasks_.stop();
}

std::string Member::status_json() const {
    MemberStatus status;
    status.node_id = options_.config.node_id;
    status.subnet_id = options_.config.subnet_id;
    status.name = options_.name;
    status.hub_url = options_.config.hub_url;
    status.connected = uplink_.connected();
    status.draining = stopping_;
    status.uplink = uplink_.state();
    status.provisioning = provisioning_;
    return member::status_json(status);
}

api::Self Member::self() const {
    return {"adaos-node", options_.config.node_id, options_.name, "member",
            options_.config.subnet_id};
}

}  // namespace adaos::member

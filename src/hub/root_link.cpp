#include "hub/root_link.hpp"

#include "base/problem.hpp"
#include "hub/hub_json.hpp"
#include "identity/credentials.hpp"
#include "identity/machine.hpp"

#include <algorithm>
#include <utility>

namespace adaos::hub {
namespace {

constexpr std::size_t nodes_a_page = 100;

link::Uplink::Deps uplink_deps(net::Env const& env) {
    return {env.loop,   env.network, env.timers,          env.clock,
            env.random, env.log,     link::SessionTimes{}};
}

}  // namespace

RootLink::RootLink(net::Env env, identity::BaseDir dir, identity::NodeConfig config,
                   std::string name, api::Desk& desk, Events events)
    : env_(std::move(env)),
      dir_(std::move(dir)),
      config_(std::move(config)),
      name_(std::move(name)),
      desk_(desk),
      instance_(env_.random.hex(8)),
      events_(std::move(events)),
      uplink_(
          uplink_deps(env_), [this] { return find_target(); }, handlers()),
      renewer_(renewer_deps()),
      tasks_(env_.loop, env_.log) {
    uplink_.on_change([this] { on_change(); });
    uplink_.prepare_with([this] { return recover(); });
}

Result<link::Target> RootLink::find_target() {
    auto url = net::parse_url(config_.root_base_url);
    if (!url) return with_context(url.error(), "root.base_url");
    auto credentials = identity::load_credentials(dir_, identity::Role::hub);
    if (!credentials) return credentials.error();
    if (!*credentials)
        return Error(Problem::not_joined, "no hub certificate in " + dir_.keys().string());
    link::Target target;
    target.url = std::move(*url);
    target.url.path = "/ws/hub";
    target.trust = trust_for((*credentials)->anchors_pem);
    target.identity = {(*credentials)->chain_pem, (*credentials)->key_pem};
    target.anchors_pem = (*credentials)->anchors_pem;
    target.check = [](pki::Certificate const& upstream) -> Result<void> {
        if (upstream.is_root()) return {};
        return Error(Problem::peer_untrusted, "the upstream is not Root");
    };
    target.hello = {config_.node_id,
                    config_.subnet_id,
                    "hub",
                    name_,
                    name_,
                    config_.zone_id,
                    ADAOS_VERSION,
                    instance_,
                    identity::machine_architecture()};
    return target;
}

link::SessionHandlers RootLink::handlers() {
    link::SessionHandlers out;
    out.on_stream = [this](net::StreamPtr stream) { return serve_stream(std::move(stream)); };
    out.on_call = [this](std::string method, std::string params) {
        return answer(std::move(method), std::move(params));
    };
    out.on_status = [](std::string const&) {};
    return out;
}

net::Task<void> RootLink::serve_stream(net::StreamPtr stream) {
    if (handler_ == nullptr) co_return;
    net::Peer peer;
    peer.via = net::Peer::Via::link;
    net::HttpLimits const limits;
    co_await net::serve_http(std::move(stream), std::move(peer), *handler_, env_.timers, limits,
                             stopping_, env_.log);
}

net::Task<Result<std::string>> RootLink::answer(std::string method, std::string params) {
    if (method != "nodes.admitted" && listener_ != nullptr) {
        co_return co_await listener_->answer(std::move(method), std::move(params));
    }
    if (method != "nodes.admitted") co_return co_await link::no_such_call(std::move(method));
    auto const taken = co_await take_nodes(std::move(params));
    if (!taken) co_return taken.error();
    co_return std::string("{\"ok\":true}");
}

net::Task<Result<void>> RootLink::take_nodes(std::string answer) {
    auto nodes = parse_nodes_answer(answer);
    if (!nodes) co_return nodes.error();
    for (auto& node : *nodes) {
        if (node.node_id == config_.node_id) continue;
        if (node.subnet_id != config_.subnet_id) continue;  // Root speaks of our subnet only
        auto const id = node.node_id;
        auto const admitted = co_await desk_.admit(std::move(node));
        if (!admitted) {
            env_.log.warning("a node that Root admitted is not listed",
                             {{"node", id}, {"cause", admitted.error().message()}});
            if (describe(admitted.error().code).http_status >= 500) fetch_later();
        } else if (admitted->removed_at && listener_ != nullptr)
            listener_->removed(*admitted);
    }
    co_return Result<void>();
}

/// Our store failed: what it did not take is asked for again, ever more seldom.
void RootLink::fetch_later() {
    if (later_) return;
    later_ = env_.timers.call_after(later_pause_, [this] {
        later_.reset();
        tasks_.spawn(fetch_nodes());
    });
    later_pause_ = std::min(2 * later_pause_, longest_later_pause);
}

void RootLink::on_change() {
    note_loss();
    auto const& state = uplink_.state();
    if (state.phase != link::UplinkState::Phase::connected) return;
    if (state.connects == fetched_connect_) return;
    fetched_connect_ = state.connects;
    tasks_.spawn(catch_up());
}

net::Task<void> RootLink::catch_up() {
    co_await fetch_nodes();
    co_await tell_all_arrived();
    if (listener_ != nullptr) listener_->linked();
}

void RootLink::tell_arrived(std::string node_id) {
    tasks_.spawn(send_arrived({std::move(node_id)}));
}

net::Task<void> RootLink::send_arrived(std::vector<std::string> node_ids) {
    auto const session = uplink_.session();
    if (!session) co_return;
    std::string method = "nodes.arrived";
    auto params = arrived_params(node_ids);
    auto const told = co_await session->call(std::move(method), std::move(params), call_timeout);
    if (!told) env_.log.debug("arrivals not told", {{"cause", told.error().message()}});
}

net::Task<void> RootLink::tell_all_arrived() {
    auto const nodes = co_await desk_.nodes(config_.subnet_id);
    if (!nodes) co_return;
    std::vector<std::string> page;
    for (auto const& node : *nodes) {
        if (node.issued_by != "root" || node.role != "member" || !node.first_hello_at) continue;
        page.push_back(node.node_id);
        if (page.size() < nodes_a_page) continue;
        auto full = std::exchange(page, {});
        co_await send_arrived(std::move(full));
    }
    if (!page.empty()) co_await send_arrived(std::move(page));
}

/// What Root admitted while the link was down: everything it knows, page by page.
net::Task<void> RootLink::fetch_nodes() {
    std::int64_t since = 0;
    for (;;) {
        auto const session = uplink_.session();
        if (!session) co_return;
        std::string method = "nodes.changed_since";
        auto params = "{\"since_ms\":" + std::to_string(since) +
                      ",\"limit\":" + std::to_string(nodes_a_page) + "}";
        auto answer = co_await session->call(std::move(method), std::move(params), call_timeout);
        if (!answer) {
            env_.log.debug("nodes not fetched", {{"cause", answer.error().message()}});
            co_return;
        }
        auto const nodes = parse_nodes_answer(*answer);
        if (!nodes || nodes->empty()) co_return;
        auto const last = to_millis(nodes->back().updated_at);
        auto const count = nodes->size();
        auto const taken = co_await take_nodes(std::move(*answer));
        if (taken && !later_) later_pause_ = first_later_pause;
        if (!taken || count < nodes_a_page || last <= since) co_return;
        since = last;
    }
}

net::Task<Result<std::string>> RootLink::call_root(std::string method, std::string params,
                                                   std::string instead) {
    if (!configured()) co_return Error(Problem::not_joined, "this hub is not registered at a Root");
    auto const session = uplink_.session();
    if (!session || !uplink_.connected()) {
        auto const& why = uplink_.state().last_error;
        co_return Error(Problem::unreachable, "no link to Root " + config_.root_base_url +
                                                  (why.empty() ? "" : ": " + why) + instead);
    }
    auto answer = co_await session->call(std::move(method), std::move(params), call_timeout);
    bool const is_lost = !answer && (answer.error().code == Problem::timed_out ||
                                     answer.error().code == Problem::link_lost);
    if (is_lost) co_return Error(answer.error().code, "asking Root" + instead);
    co_return answer;
}

net::Task<Result<std::string>> RootLink::mint_code(int ttl_minutes, int length) {
    auto params = "{\"ttl_minutes\":" + std::to_string(ttl_minutes) +
                  ",\"length\":" + std::to_string(length) + "}";
    std::string instead = "; --local makes a code without Root";
    co_return co_await call_root("join_code.create", std::move(params), std::move(instead));
}

net::Task<Result<std::string>> RootLink::grant_call(api::GrantCall call) {
    auto method = "grants." + call.op;
    auto params = api::grant_call_json(call);
    std::string instead = call.op == "create" ? "" : "; --local asks this hub's own book alone";
    co_return co_await call_root(std::move(method), std::move(params), std::move(instead));
}

net::Task<void> RootLink::run() {
    if (!configured()) co_return;
    tasks_.spawn(renewer_.run());
    co_await uplink_.run();
}

net::Task<void> RootLink::stop() {
    stopping_ = true;
    later_.reset();
    renewer_.stop();
    if (configured()) co_await uplink_.stop();
    co_await tasks_.stop();
}

}  // namespace adaos::hub

#include "support/mesh.hpp"

#include "base/clock.hpp"
#include "identity/runtime_state.hpp"
#include "node/node_app.hpp"
#include "root/root_app.hpp"

namespace adaos::test {
namespace {

/// Handlers that one `settle` may run: a world that is never idle is a bug.
constexpr int most_turns = 20'000'000;

/// OpenSSL looks at the real clock, and a certificate must be valid by both.
WallTime some_days_ago() {
    return SystemClock().wall() - 5 * 24h;
}

}  // namespace

MeshNode::MeshNode(MeshNetwork& network, std::string host_name)
    : dir(identity::BaseDir::open(folder.path() / "base").value()),
      host(network, std::move(host_name)) {}

MeshNode::~MeshNode() = default;

std::string MeshNode::url() const {
    return app->url();
}

net::Endpoint MeshNode::at() const {
    return app->local();
}

identity::Role MeshNode::role() const {
    return app->config().role;
}

Mesh::Mesh(std::uint64_t seed)
    : clock(some_days_ago()),
      timers(clock),
      random(seed),
      network(timers),
      caller(network, caller_host),
      inside(network, MeshNetwork::loopback),
      root_machine_(network, root_host) {
    start_root();
}

Mesh::~Mesh() {
    network.heal();
    for (auto& node : nodes_)
        if (node.runs()) stop(node);
    if (root_) stop_root();
    settle();
}

net::Env Mesh::env(MeshHost& host, LogLines& log) {
    return {loop.executor(), host, timers, clock, random, log.log()};
}

void Mesh::settle() {
    auto& context = loop.context();
    context.restart();
    for (int turns = 0; context.poll_one() > 0; ++turns)
        if (turns > most_turns) throw std::logic_error("the world is never idle");
}

void Mesh::turn(int turns) {
    auto& context = loop.context();
    context.restart();
    while (turns-- > 0 && context.poll_one() > 0) {
    }
}

void Mesh::pass(std::chrono::milliseconds time) {
    (void)until([] { return false; }, time);
}

void Mesh::jump(std::chrono::milliseconds time) {
    clock.set_wall(clock.wall() + time);
}

bool Mesh::until(std::function<bool()> const& happened, std::chrono::milliseconds limit) {
    auto const end = timers.now() + limit;
    settle();
    while (!happened()) {
        bool const fired = timers.fire_next_until(end);
        settle();
        if (!fired) return happened();
    }
    return true;
}

void Mesh::start_root() {
    root::RootOptions options;
    options.dir = {root_folder()};
    options.host = root_host;
    root_ = root::RootApp::open(env(root_machine_, root_log), std::move(options)).value();
    root_running_.emplace(loop.start(root_->run()));
    settle();
}

void Mesh::stop_root() {
    run(root_->stop(5s));
    finish(*root_running_);
    settle();
    root_running_.reset();
    root_.reset();
    settle();
}

MeshNode& Mesh::make_node(std::string host) {
    return nodes_.emplace_back(network, std::move(host));
}

void Mesh::begin_start(MeshNode& node) {
    node::NodeApp::Options options;
    options.dir = node.dir;
    options.host = node.name();
    node.app = node::NodeApp::open(env(node.host, node.log), std::move(options)).value();
    node.id = node.app->config().node_id;
    node.subnet_id = node.app->config().subnet_id;
    node.running.emplace(loop.start(node.app->run()));
}

void Mesh::start(MeshNode& node) {
    begin_start(node);
    settle();
}

void Mesh::begin_stop(MeshNode& node) {
    node.stopping.emplace(loop.start(node.app->stop(5s)));
}

void Mesh::end_stop(MeshNode& node) {
    finish(*node.stopping);
    finish(*node.running);
    settle();
    node.stopping.reset();
    node.running.reset();
    node.app.reset();
    settle();
}

void Mesh::stop(MeshNode& node) {
    begin_stop(node);
    end_stop(node);
}

std::filesystem::path Mesh::root_database() const {
    return root::RootDir{root_folder()}.database();
}

std::string Mesh::root_token() {
    return root::load_or_make_token({root_folder()}, random).value().reveal();
}

MeshNode& Mesh::add_hub(std::string host) {
    auto& hub = make_node(std::move(host));
    register_hub(hub, "").value();
    start(hub);
    if (!linked(hub)) throw std::logic_error("the hub is not linked");
    return hub;
}

MeshNode& Mesh::add_member(std::string host, MeshNode& hub) {
    auto& node = make_node(std::move(host));
    join(node, make_code(hub)).value();
    start(node);
    if (!linked(node)) throw std::logic_error("the member is not linked");
    return node;
}

std::string Mesh::pin() const {
    return root_->facts().ca_fingerprint;
}

namespace {

net::Fetch request_to(std::string const& origin, Ask ask) {
    net::Fetch request;
    request.method = std::move(ask.method);
    request.url = net::parse_url(origin).value();
    request.url.path = std::move(ask.path);
    request.fields = std::move(ask.fields);
    if (!ask.body.empty() && request.fields.find("Content-Type") == nullptr)
        request.fields.add("Content-Type", "application/json");
    if (!ask.token.empty()) request.fields.add("Authorization", "Bearer " + ask.token);
    request.body = std::move(ask.body);
    return request;
}

}  // namespace

net::Task<Result<net::Reply>> Mesh::visiting(Ask ask) {
    auto request = request_to(root_url, std::move(ask));
    request.trust.ca_fingerprint = pin();
    request.clock = &clock;
    return net::fetch(caller, timers, std::move(request));
}

Result<net::Reply> Mesh::visit(Ask ask) {
    return run(visiting(std::move(ask)));
}

std::string Mesh::control_token(MeshNode& node) {
    return identity::control_token(node.dir, random).value().reveal();
}

Result<net::Reply> Mesh::local(MeshNode& node, Ask ask) {
    ask.token = control_token(node);
    return run(net::fetch(inside, timers, request_to(node.url(), std::move(ask))));
}

std::string Mesh::status(MeshNode& node, std::string const& field) {
    auto const reply = local(node, {.path = "/api/node/status"}).value();
    return json_at(reply.body, field);
}

bool Mesh::is_linked(MeshNode& node) {
    bool const hub = node.role() == identity::Role::hub;
    return status(node, hub ? "connected_to_root" : "connected_to_hub") == "true";
}

bool Mesh::linked(MeshNode& node, std::chrono::milliseconds limit) {
    auto const end = timers.now() + limit;
    while (!is_linked(node)) {
        if (timers.now() >= end) return false;
        pass(100ms);
    }
    return true;
}

std::string header(net::ResponseHead const& head, std::string_view name) {
    auto const* const value = head.fields.find(name);
    return value == nullptr ? std::string() : *value;
}

}  // namespace adaos::test

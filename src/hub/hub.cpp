#include "hub/hub.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"
#include "hub/hub_json.hpp"
#include "link/mux.hpp"
#include "store/atomic_file.hpp"

namespace adaos::hub {
namespace {

/// How long members may take to say goodbye; looked at often, as most take no time at all.
constexpr std::chrono::milliseconds goodbye_time = link::linger_time;
constexpr std::chrono::milliseconds goodbye_step{20};

/// The hub's own row: no member can be given its name.
Result<void> list_itself(store::Database& database, Hub::Options const& options,
                         pki::Certificate const& leaf, WallTime now) {
    registry::Node self;
    self.node_id = options.config.node_id;
    self.subnet_id = options.config.subnet_id;
    self.role = "hub";
    self.name = options.name;
    self.zone = options.config.zone_id;
    self.spki_sha256 = to_hex(leaf.spki_sha256());
    self.issued_by = "hub";
    self.created_at = now;
    self.updated_at = now;
    auto const stored = registry::Nodes(database).admit(std::move(self));
    // A hub that lost its key and never saw Root has made itself another: its row is a label only.
    if (!stored && stored.error().code != Problem::duplicate_identity) return stored.error();
    return {};
}

}  // namespace

Hub::Hub(net::Env env, Options options, identity::HubCredentials credentials, pki::Authority issuer,
         api::DeskFiles files)
    : env_(env),
      options_(std::move(options)),
      credentials_(std::move(credentials)),
      issuer_(std::move(issuer)),
      anchors_pem_(credentials_.leaf.anchors_pem),
      desk_(
          std::move(files.database), std::move(files.mac_key), env_.clock, env_.random, env_.timers,
          [path = options_.dir.join_codes(), log = env.log](store::Database& db) {
              auto text = enrol::join_codes_projection(db);
              auto written = text ? store::write_file(path, *text, store::Mode::secret)
                                  : Result<void>(text.error());
              if (!written)
                  log.warning("join_codes.json not written",
                              {{"cause", written.error().message()}});
          },
          env_.log),
      renewer_(renewer_deps()),
      tasks_(env_.loop, env_.log) {}

Hub::~Hub() = default;

Result<std::unique_ptr<Hub>> Hub::open(net::Env env, Options options) {
    auto credentials =
        identity::load_or_make_hub(options.dir, options.config, env.clock, env.random);
    if (!credentials) return credentials.error();
    auto issuer = pki::Authority::load(credentials->issuer_chain_pem, credentials->issuer_key_pem);
    if (!issuer) return with_context(issuer.error(), options.dir.issuer_cert().string());
    issuer->set_leaf_life(options.cert_life);
    auto files = api::open_desk_files(options.dir.database(), options.dir.mac_key(), env.random);
    if (!files) return files.error();
    auto const leaf = pki::Certificate::from_pem(credentials->leaf.chain_pem);
    if (!leaf) return with_context(leaf.error(), options.dir.hub_cert().string());
    auto const begun = identity::begin_provisioned(options.dir);
    if (!begun) return begun.error();
    auto const listed = list_itself(files->database, options, *leaf, env.clock.wall());
    if (!listed) return with_context(listed.error(), options.dir.database().string());
    std::unique_ptr<Hub> hub(new Hub(std::move(env), std::move(options), std::move(*credentials),
                                     std::move(*issuer), std::move(*files)));
    if (auto wired = hub->wire(); !wired) return wired.error();
    return hub;
}

Result<void> Hub::wire() {
    auto tls = make_members_tls();
    if (!tls) return tls.error();
    link::LinkDoor::Deps deps{
        env_, "member",
        [this](pki::Certificate const& peer, link::Hello const& hello) {
            return admit(peer, hello);
        },
        [](link::Hello const& hello) { return hello.node_id; },
        [this](link::Hello const& member, std::string method, std::string params) {
            if (method == "certificate.renew")
                return renew_member(member.node_id, std::move(params));
            return nodes_->answer_member(member, std::move(method), std::move(params));
        }};
    members_ = std::make_unique<link::LinkDoor>(std::move(deps), std::move(*tls));
    root_ = std::make_unique<RootLink>(
        env_, options_.dir, options_.config, options_.name, desk_,
        RootLink::Events{[this] { take_renewed(); }, [this] { move_members(); }});
    wire_doors();
    if (auto wired = wire_machines(); !wired) return wired;
    wire_tokens();
    add_routes();
    return {};
}

void Hub::wire_doors() {
    auto const find_place = [this](enrol::Redeemed const&) { return place(); };
    join_ = std::make_unique<api::JoinDoor>(
        api::JoinDoor::Deps{desk_, options_.config.subnet_id, signer(), find_place,
                            [](registry::Node const&) {}, env_.log});
    pake_ = std::make_unique<api::PakeDoor>(*join_, options_.config.node_id, env_.timers);
    access_ = std::make_unique<api::AccessDoor>(
        api::AccessDoor::Deps{desk_, [this](net::Exchange& exchange) { return who(exchange); }});
    book_ = std::make_unique<api::GrantBook>(
        api::GrantBook::Deps{desk_, options_.config.subnet_id,
                             [this] { return issuer_.get()->certificate().fingerprint(); },
                             [this] { return options_.local_url; }});
    grants_ = std::make_unique<api::GrantsApi>(api::GrantsApi::Deps{
        api::TwoBooks({*book_, [this] { return root_->configured(); },
                       [this](api::GrantCall call) { return root_->grant_call(std::move(call)); }}),
        [this](net::Exchange& exchange) { return who(exchange); }});
    nodes_ =
        std::make_unique<HubNodes>(env_, options_.dir, options_.config, desk_, *members_, *root_);
    root_->tell(*nodes_);
    nodes_door_ = std::make_unique<api::NodesDoor>(
        api::NodesDoor::Deps{nodes_->office(), options_.config.subnet_id,
                             [this](net::Exchange& exchange) { return who(exchange); }});
    recover_ = std::make_unique<api::RecoverDoor>(
        api::RecoverDoor::Deps{desk_, options_.config.subnet_id, false,
                               [this] { return anchors_pem_ + issuer_.get()->chain_pem(); },
                               signer(), agent_signer(), options_.recovery_budget, env_.log});
}

void Hub::wire_tokens() {
    renew_ = std::make_unique<api::RenewDoor>(
        api::RenewDoor::Deps{desk_, options_.config.subnet_id, agent_signer(),
                             [this] { return issuer_.get()->certificate().to_pem(); }, env_.log});
    tokens_ = std::make_unique<api::TokenDoor>(
        api::TokenDoor::Deps{*book_, [this](net::Exchange& exchange) { return who(exchange); }});
    enrol_ = std::make_unique<api::EnrolDoor>(api::EnrolDoor::Deps{
        desk_, options_.config.subnet_id, agent_signer(), signer(), machines_->settle_host(),
        [this](enrol::Redeemed const&) { return place(); },
        [this] { return issuer_.get()->certificate().to_pem(); }, options_.own_hosts,
        [](registry::Node const&) {}, env_.log});
}

Result<void> Hub::wire_machines() {
    auto settings = api::read_host_settings(api::process_environment(), options_.dir.root);
    if (!settings) return settings.error();
    auto tunnel = std::make_shared<api::PeersFile>(settings->peers_conf);
    machines_ = std::make_unique<api::MachineDoors>(
        api::MachineDesk{desk_, *book_, options_.config.subnet_id,
                         [this](net::Exchange& exchange) { return who(exchange); }, signer(),
                         [this](registry::Node const& node) { return nodes_->office().axes(node); },
                         [](registry::Node const&) {}, [this] { return anchors_pem_; },
                         [this] { return issuer_.get()->certificate().to_pem(); },
                         [this] { return options_.local_url; }, std::move(*settings),
                         std::move(tunnel), env_.log},
        env_.timers, env_.loop);
    return {};
}

net::Task<link::HelloAck> Hub::admit(pki::Certificate const& peer, link::Hello const& hello) {
    link::HelloAck ack;
    ack.node_id = options_.config.node_id;
    ack.subnet_id = options_.config.subnet_id;
    ack.server_time = rfc3339(env_.clock.wall());
    auto const who = peer.node();
    if (!who || who->hub || who->subnet_id != options_.config.subnet_id) {
        ack.error = "subnet_mismatch";
        ack.detail = "this is the hub of " + options_.config.subnet_id;
        co_return ack;
    }
    // A member that Root admitted may come before Root's word of it: its certificate is that word.
    registry::Node node;
    node.node_id = who->node_id;
    node.subnet_id = who->subnet_id;
    node.role = "member";
    node.name = is_node_name(hello.name) ? hello.name : "";
    node.hostname = hello.hostname;
    node.zone = hello.zone;
    node.inventory.architecture = hello.architecture;
    node.spki_sha256 = to_hex(peer.spki_sha256());
    node.issued_by = "root";
    node.created_at = env_.clock.wall();
    node.updated_at = node.created_at;
    auto const greeted = co_await desk_.greet(std::move(node));
    if (!greeted) {
        auto const& error = greeted.error();
        ack.error = "protocol";
        if (error.code == Problem::duplicate_identity) ack.error = "duplicate_identity";
        if (error.code == Problem::node_removed) ack.error = "node_revoked";
        if (error.code == Problem::architecture_mismatch) ack.error = "architecture_mismatch";
        bool const removed = error.code == Problem::node_removed;
        ack.detail = removed ? "this node was removed from the subnet" : error.message();
        co_return ack;
    }
    if (greeted->first && greeted->node.issued_by == "root") root_->tell_arrived(who->node_id);
    ack.node_name = greeted->node.name;
    ack.ok = true;
    co_return ack;
}

net::Task<void> Hub::run() {
    nodes_->start();
    tasks_.spawn(renewer_.run());
    machines_->start();
    co_await root_->run();
}

net::Task<void> Hub::stop() {
    stopping_ = true;
    renewer_.stop();
    members_->links().end_all("draining", "the hub is stopping");
    // The goodbye to a member that came through Root travels over our link there: first the
    // members', then that.
    auto const end = env_.timers.now() + goodbye_time;
    while (!members_->links().keys().empty() && env_.timers.now() < end) {
        co_await net::sleep(env_.timers, goodbye_step);
    }
    co_await root_->stop();
    co_await nodes_->stop();
    co_await tasks_.stop();
    co_await machines_->stop();
}

void Hub::serve_streams_with(net::Handler& handler) {
    root_->serve_streams_with(handler);
}

std::string Hub::status_json() const {
    HubStatus status;
    status.node_id = options_.config.node_id;
    status.subnet_id = options_.config.subnet_id;
    status.name = options_.name;
    status.registered = root_->configured();
    status.draining = stopping_;
    status.root_connected = root_->uplink().connected();
    status.root = root_->uplink().state();
    return hub::status_json(status);
}

api::Self Hub::self() const {
    return {"adaos-node", options_.config.node_id, options_.name, "hub", options_.config.subnet_id};
}

}  // namespace adaos::hub

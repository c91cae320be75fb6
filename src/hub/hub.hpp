#pragma once
/// A hub: owns its subnet, keeps a link to Root when registered there, holds its members' links,
/// answers its API, relays to its members.

#include "api/caller.hpp"
#include "api/desk.hpp"
#include "api/grants_api.hpp"
#include "api/join_door.hpp"
#include "api/machine_doors.hpp"
#include "api/nodes_door.hpp"
#include "api/open_pages.hpp"
#include "api/pake_door.hpp"
#include "hub/hub_nodes.hpp"
#include "hub/root_link.hpp"
#include "identity/base_dir.hpp"
#include "identity/credentials.hpp"
#include "identity/node_config.hpp"
#include "link/link_door.hpp"
#include "net/env.hpp"
#include "net/http_session.hpp"

#include <map>
#include <memory>
#include <string>

namespace adaos::hub {

class Hub {
public:
    struct Options {
        identity::BaseDir dir;
        identity::NodeConfig config;
        std::string name;  ///< node name of this machine
        Secret control_token;
        std::string local_url;  ///< where this node listens
    };
    /// Opens store and credentials, making them at a first start.
    static Result<std::unique_ptr<Hub>> open(net::Env env, Options options);
    ~Hub();

    /// Keeps the link to Root until `stop()`.
    net::Task<void> run();
    /// From now on the status says that the node is stopping.
    void begin_stop() { stopping_ = true; }
    net::Task<void> stop();

    /// True when the path was the hub's and is answered.
    net::Task<bool> handle(net::Exchange& exchange);
    /// Who calls; absent: nobody with rights beyond the open pages.
    net::Task<std::optional<api::Caller>> who(net::Exchange& exchange);
    net::Task<std::optional<enrol::Scope>> scope_of(net::Exchange& exchange);
    [[nodiscard]] std::string status_json() const;
    /// For TLS on the node's own port.
    [[nodiscard]] Result<net::TlsIdentity> server_identity(
        std::vector<std::string> const& hosts) const;
    /// Whose certificates a client of that port may show: this subnet's nodes.
    [[nodiscard]] std::string client_anchors() const { return anchors_pem_ + issuer_.chain_pem(); }
    [[nodiscard]] api::Self self() const;
    /// Streams that Root opens are served with this handler (the node's whole front).
    void serve_streams_with(net::Handler& handler);

private:
    Hub(net::Env env, Options options, identity::HubCredentials credentials, pki::Authority issuer,
        api::DeskFiles files);
    Result<void> wire();
    void wire_doors();
    Result<void> wire_machines();
    Result<net::TlsIdentity> members_identity() const;
    net::Task<link::HelloAck> admit(pki::Certificate const& peer, link::Hello const& hello);
    net::Task<void> relay(net::Exchange& exchange, std::string_view path);
    net::Task<void> answer_members(net::Exchange& exchange);
    net::Task<void> create_code(net::Exchange& exchange);
    net::Task<void> tokens(net::Exchange& exchange);
    net::Task<void> create_token(net::Exchange& exchange);
    net::Task<bool> handle_admin(net::Exchange& exchange, std::string const& path);
    net::Task<Result<std::string>> find_member(std::string name_or_id);

    net::Env env_;
    Options options_;
    identity::HubCredentials credentials_;
    pki::Authority issuer_;
    std::string anchors_pem_;
    bool stopping_ = false;
    api::Desk desk_;
    std::unique_ptr<link::LinkDoor> members_;
    std::unique_ptr<api::JoinDoor> join_;
    std::unique_ptr<api::PakeDoor> pake_;
    std::unique_ptr<api::GrantBook> book_;
    std::unique_ptr<api::GrantsApi> grants_;
    api::Router router_;
    std::unique_ptr<RootLink> root_;
    std::unique_ptr<HubNodes> nodes_;
    std::unique_ptr<api::NodesDoor> nodes_door_;
    std::unique_ptr<api::MachineDoors> machines_;
};

}  // namespace adaos::hub

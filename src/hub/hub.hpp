#pragma once
/// A hub: owns its subnet, keeps a link to Root when registered there, holds its members' links,
/// answers its API, relays to its members.

#include "api/access_door.hpp"
#include "api/ca_list.hpp"
#include "api/caller.hpp"
#include "api/desk.hpp"
#include "api/enrol_door.hpp"
#include "api/grants_api.hpp"
#include "api/join_door.hpp"
#include "api/machine_doors.hpp"
#include "api/nodes_door.hpp"
#include "api/open_pages.hpp"
#include "api/pake_door.hpp"
#include "api/recover_door.hpp"
#include "api/renew_door.hpp"
#include "api/token_door.hpp"
#include "hub/hub_nodes.hpp"
#include "hub/root_link.hpp"
#include "identity/base_dir.hpp"
#include "identity/credentials.hpp"
#include "identity/node_config.hpp"
#include "link/link_door.hpp"
#include "link/renewer.hpp"
#include "net/env.hpp"
#include "net/http_session.hpp"
#include "net/task_group.hpp"

#include <chrono>
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
        std::string local_url;                    ///< where machines with a secret find this node
        std::vector<std::string> own_hosts = {};  ///< the names that its TLS answers to
        std::chrono::seconds cert_life = pki::leaf_life;  ///< of the certificates it issues
        std::chrono::seconds recovery_budget = enrol::recovery_budget;
    };
    /// Opens store and credentials, making them at a first start.
    static Result<std::unique_ptr<Hub>> open(net::Env env, Options options);
    ~Hub();

    /// Keeps the link to Root until `stop()`.
    net::Task<void> run();
    /// From now on the status says that the node is stopping.
    void begin_stop() { stopping_ = true; }
    net::Task<void> stop();

    [[nodiscard]] api::Router& router() noexcept { return router_; }
    /// Who calls; absent: nobody with rights beyond the open pages.
    net::Task<std::optional<api::Caller>> who(net::Exchange& exchange);
    net::Task<std::optional<enrol::Scope>> scope_of(net::Exchange& exchange);
    [[nodiscard]] std::string status_json() const;
    /// For TLS on the node's own port; to be asked for anew when `issuer_version` has changed.
    [[nodiscard]] Result<net::TlsIdentity> server_identity(
        std::vector<std::string> const& hosts) const;
    /// Whose certificates a client of that port may show: this subnet's nodes.
    [[nodiscard]] std::string client_anchors() const {
        return anchors_pem_ + issuer_.get()->chain_pem();
    }
    [[nodiscard]] std::uint64_t issuer_version() const noexcept { return issuer_version_; }
    [[nodiscard]] api::Self self() const;
    /// Streams that Root opens are served with this handler (the node's whole front).
    void serve_streams_with(net::Handler& handler);

private:
    Hub(net::Env env, Options options, identity::HubCredentials credentials, pki::Authority issuer,
        api::DeskFiles files);
    Result<void> wire();
    void wire_doors();
    void wire_tokens();
    // hub_certificates.cpp
    [[nodiscard]] enrol::Sign signer() const;
    [[nodiscard]] enrol::Sign agent_signer() const;
    Result<void> wire_machines();
    Result<net::TlsIdentity> members_identity() const;
    /// A fresh leaf towards members, for links accepted from now on.
    Result<std::shared_ptr<net::TlsContext const>> make_members_tls();
    Result<void> renew_members_tls();
    /// Root has renewed leaf and issuer on disk.
    void take_renewed();
    /// Links of members that came through Root are streams of our old link there: they are asked to
    /// make theirs anew.
    void move_members();
    net::Task<void> ask_to_move(link::SessionPtr session);
    [[nodiscard]] link::Renewer::Deps renewer_deps();
    net::Task<Result<std::string>> renew_member(std::string node_id, std::string params);
    [[nodiscard]] api::JoinPlace place() const;
    net::Task<link::HelloAck> admit(pki::Certificate const& peer, link::Hello const& hello);
    // hub_api.cpp
    void add_routes();
    net::Task<void> relay(net::Exchange& exchange);
    net::Task<void> answer_members(net::Exchange& exchange);
    net::Task<void> create_code(net::Exchange& exchange);
    net::Task<Result<std::string>> find_member(std::string name_or_id);

    net::Env env_;
    Options options_;
    identity::HubCredentials credentials_;
    pki::CurrentAuthority issuer_;
    std::uint64_t issuer_version_ = 0;
    std::string anchors_pem_;
    std::optional<pki::Certificate> members_leaf_;  ///< what links are accepted with
    bool stopping_ = false;
    api::Desk desk_;
    std::unique_ptr<link::LinkDoor> members_;
    std::unique_ptr<api::JoinDoor> join_;
    std::unique_ptr<api::PakeDoor> pake_;
    std::unique_ptr<api::AccessDoor> access_;
    std::unique_ptr<api::GrantBook> book_;
    std::unique_ptr<api::GrantsApi> grants_;
    std::unique_ptr<api::TokenDoor> tokens_;
    std::unique_ptr<api::EnrolDoor> enrol_;
    api::Router router_;
    std::unique_ptr<api::RecoverDoor> recover_;
    std::unique_ptr<api::RenewDoor> renew_;
    std::unique_ptr<RootLink> root_;
    std::unique_ptr<HubNodes> nodes_;
    std::unique_ptr<api::NodesDoor> nodes_door_;
    link::Renewer renewer_;  ///< of `members_leaf_`
    net::TaskGroup tasks_;
    std::unique_ptr<api::MachineDoors> machines_;
};

}  // namespace adaos::hub

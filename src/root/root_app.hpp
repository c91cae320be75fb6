#pragma once
/// Root as one object: made from options, run until told to stop.

#include "api/access_door.hpp"
#include "api/ca_list.hpp"
#include "api/desk.hpp"
#include "api/enrol_door.hpp"
#include "api/grants_api.hpp"
#include "api/join_door.hpp"
#include "api/machine_doors.hpp"
#include "api/nodes_door.hpp"
#include "api/pake_door.hpp"
#include "api/recover_door.hpp"
#include "api/renew_door.hpp"
#include "api/token_door.hpp"
#include "net/env.hpp"
#include "net/http_server.hpp"
#include "net/timers.hpp"
#include "root/ca_set.hpp"
#include "root/code_door.hpp"
#include "root/hub_links.hpp"
#include "root/registration.hpp"
#include "root/root_files.hpp"
#include "root/root_front.hpp"
#include "store/atomic_file.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace adaos::root {

struct RootOptions {
    RootDir dir;
    std::string host = "127.0.0.1";
    std::uint16_t port = 8443;
    std::string public_url;               ///< empty: from host and port
    std::optional<net::TlsIdentity> tls;  ///< own certificate for the front
    bool plain_http = false;
    std::chrono::seconds cert_life = pki::leaf_life;  ///< of the certificates it issues
    std::chrono::seconds recovery_budget = enrol::recovery_budget;
};

class RootApp {
public:
    /// Opens everything, listens; nothing is served before `run`. Errors name file or port.
    static Result<std::unique_ptr<RootApp>> open(net::Env env, RootOptions options);

    /// Serves until `stop` is called.
    net::Task<void> run();
    /// Says goodbye to hubs, lets exchanges finish for up to `grace`.
    net::Task<void> stop(std::chrono::milliseconds grace);

    [[nodiscard]] net::Endpoint local() const { return server_->local(); }
    [[nodiscard]] RootFacts const& facts() const noexcept { return facts_; }
    [[nodiscard]] std::vector<api::Router::Route> const& routes() const {
        return front_->router().routes();
    }

private:
    RootApp(net::Env env, RootOptions options, CaSet cas, api::DeskFiles files);
    Result<void> listen();
    void wire(net::TlsContext link_tls);
    // root_certificates.cpp
    [[nodiscard]] enrol::Sign signer(bool hub) const;
    [[nodiscard]] enrol::Sign agent_signer() const;
    struct Contexts {
        net::TlsContext link, front;
    };
    /// With the serving certificate, renewed when it is time.
    Result<Contexts> make_contexts();
    void use_cas(CaSet cas);
    /// Looks now and then whether a certificate is to be renewed, or the CAs on disk have changed.
    void watch_certificates();
    void keep_certificates();
    [[nodiscard]] api::JoinPlace place(enrol::Redeemed const& done) const;
    net::Task<void> load_subnets();
    void wire_tokens();
    void add_routes(api::Router& router);
    Result<void> wire_machines();
    net::Task<std::optional<api::Caller>> who(net::Exchange& exchange);

    net::Env env_;
    RootOptions options_;
    pki::CurrentAuthority ca_;
    std::string top_pem_;
    std::vector<std::string> hosts_;
    WallTime server_due_{};        ///< of the serving certificate
    store::Version keys_version_;  ///< of the folder, before what is in use was read
    RootFacts facts_;
    Secret token_;
    api::Desk desk_;
    std::unique_ptr<api::GrantBook> book_;
    std::unique_ptr<HubLinks> links_;
    std::unique_ptr<Registration> registration_;
    std::unique_ptr<CodeDoor> codes_;
    std::unique_ptr<api::JoinDoor> join_;
    std::unique_ptr<api::PakeDoor> pake_;
    std::unique_ptr<api::AccessDoor> access_;
    std::unique_ptr<api::GrantsApi> grants_;
    std::unique_ptr<api::TokenDoor> tokens_;
    std::unique_ptr<api::EnrolDoor> enrol_;
    std::unique_ptr<api::NodesDoor> nodes_door_;
    std::unique_ptr<api::RecoverDoor> recover_;
    std::unique_ptr<api::RenewDoor> renew_;
    std::unique_ptr<api::MachineDoors> machines_;
    std::unique_ptr<RootFront> front_;
    std::unique_ptr<net::HttpServer> server_;
    net::TimerPtr watch_;
};

}  // namespace adaos::root

#pragma once
/// Root as one object: made from options, run until told to stop.

#include "api/desk.hpp"
#include "api/grants_api.hpp"
#include "api/join_door.hpp"
#include "api/machine_doors.hpp"
#include "api/pake_door.hpp"
#include "net/env.hpp"
#include "net/http_server.hpp"
#include "root/hub_links.hpp"
#include "root/registration.hpp"
#include "root/root_files.hpp"
#include "root/root_front.hpp"

#include <memory>
#include <optional>
#include <string>

namespace adaos::root {

struct RootOptions {
    RootDir dir;
    std::string host = "127.0.0.1";
    std::uint16_t port = 8443;
    std::string public_url;               ///< empty: from host and port
    std::optional<net::TlsIdentity> tls;  ///< own certificate for the front
    bool plain_http = false;
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

private:
    RootApp(net::Env env, RootOptions options, pki::Authority ca, api::DeskFiles files);
    Result<void> listen();
    net::Task<Result<api::JoinPlace>> place(std::string subnet_id);
    net::Task<void> load_subnets();
    void wire_doors();
    Result<void> wire_machines();
    net::Task<std::optional<api::Caller>> who(net::Exchange& exchange);

    net::Env env_;
    RootOptions options_;
    pki::Authority ca_;
    RootFacts facts_;
    Secret token_;
    api::Desk desk_;
    std::unique_ptr<api::GrantBook> book_;
    std::unique_ptr<HubLinks> links_;
    std::unique_ptr<Registration> registration_;
    std::unique_ptr<api::JoinDoor> join_;
    std::unique_ptr<api::PakeDoor> pake_;
    std::unique_ptr<api::GrantsApi> grants_;
    std::unique_ptr<api::NodesDoor> nodes_door_;
    std::unique_ptr<api::MachineDoors> machines_;
    std::unique_ptr<RootFront> front_;
    std::unique_ptr<net::HttpServer> server_;
};

}  // namespace adaos::root

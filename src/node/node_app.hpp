#pragma once
/// This node as one object: the HTTP front on its port, and the role it has right now. A change of
/// membership on disk exchanges the role without a restart.

#include "api/drain.hpp"
#include "api/router.hpp"
#include "hub/hub.hpp"
#include "identity/base_dir.hpp"
#include "identity/node_config.hpp"
#include "member/member.hpp"
#include "net/env.hpp"
#include "net/http_server.hpp"
#include "net/task_group.hpp"
#include "service/door.hpp"
#include "store/atomic_file.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace adaos::node {

class NodeApp final : public net::Handler {
public:
    struct Options {
        identity::BaseDir dir;
        std::string host = "127.0.0.1";
        std::uint16_t port = 8777;
        net::Security security = net::Security::sniffed;
        std::chrono::seconds cert_life = pki::leaf_life;  ///< of what a hub issues
        std::chrono::seconds recovery_budget = enrol::recovery_budget;
    };
    /// Reads the identity (making a fresh hub's at a first start) and listens.
    static Result<std::unique_ptr<NodeApp>> open(net::Env env, Options options);

    /// Serves until `stop()` is called.
    net::Task<void> run();
    /// Refuses new exchanges, lets those under way finish for up to `grace`, says goodbye to peers.
    net::Task<void> stop(std::chrono::milliseconds grace);

    net::Task<void> handle(net::Exchange& exchange) override;

    [[nodiscard]] net::Endpoint local() const { return server_->local(); }
    [[nodiscard]] std::string url() const;
    [[nodiscard]] identity::NodeConfig const& config() const noexcept { return config_; }
    /// Of the role it has now.
    [[nodiscard]] std::vector<api::Router::Route> routes() const;

private:
    /// Exactly one of the two. Shared by the exchanges under way: a role that was exchanged lives
    /// until its last exchange ends.
    struct Role {
        std::shared_ptr<hub::Hub> hub;
        std::shared_ptr<member::Member> member;
        [[nodiscard]] api::Self self() const { return hub ? hub->self() : member->self(); }
        void begin_stop() const { hub ? hub->begin_stop() : member->begin_stop(); }
        [[nodiscard]] std::string status_json() const {
            return hub ? hub->status_json() : member->status_json();
        }
    };

    NodeApp(net::Env env, Options options);
    Result<void> load();
    void add_routes();
    Result<void> listen();
    Result<std::unique_ptr<net::HttpServer>> listen_at(net::Endpoint at);
    void set_tls(std::shared_ptr<net::TlsContext const> tls);
    Result<Role> make_role();
    Result<void> make_tls(hub::Hub& hub);
    void keep_tls();
    void take_role(Role role);
    net::Task<void> run_role(Role role);
    net::Task<void> stop_role(Role role);
    net::Task<std::optional<enrol::Scope>> scope_of(Role const& role, net::Exchange& exchange);
    net::Task<void> answer_status(Role role, net::Exchange& exchange);
    net::Task<void> reload(net::Exchange& exchange);
    net::Task<void> probe(Role role, net::Exchange& exchange, bool upload);
    Result<void> reload_now();
    net::Task<void> watch();

    net::Env env_;
    Options options_;
    identity::NodeConfig config_;
    Secret control_token_;
    store::Version config_version_;     ///< of the node.yaml that `config_` is
    WallTime tls_due_{};                ///< of a hub's certificate for its own port
    std::uint64_t issuer_version_ = 0;  ///< that it was made by
    bool stopping_ = false;
    Role role_;
    api::Router router_;  ///< of either role; a hub has more
    std::unique_ptr<service::Door> services_;
    std::unique_ptr<net::HttpServer> server_;
    /// For this machine's own commands, when `server_` listens on one other address only.
    std::unique_ptr<net::HttpServer> loopback_;
    api::Drain drain_;
    net::TaskGroup tasks_;
};

}  // namespace adaos::node

#pragma once
/// A member: keeps its link to the hub, answers what comes down it and what its own machine asks.

#include "api/caller.hpp"
#include "api/open_pages.hpp"
#include "identity/base_dir.hpp"
#include "identity/node_config.hpp"
#include "identity/provisioning.hpp"
#include "link/renewer.hpp"
#include "link/uplink.hpp"
#include "net/env.hpp"
#include "net/http_session.hpp"
#include "net/task_group.hpp"
#include "registry/heartbeat.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace adaos::member {

/// How long the answer to a call over the link may take.
inline constexpr std::chrono::seconds call_timeout{10};

class Member {
public:
    struct Options {
        identity::BaseDir dir;
        identity::NodeConfig config;
        std::string name;
        Secret control_token;
    };
    Member(net::Env env, Options options);

    /// Keeps the link to the hub until `stop()`.
    net::Task<void> run();
    /// From now on the status says that the node is stopping; streams end after their exchange.
    void begin_stop() { stopping_ = true; }
    net::Task<void> stop();

    /// On a link the hub has looked at the caller and says its scope; on loopback the control
    /// token.
    [[nodiscard]] std::optional<enrol::Scope> scope_of(net::Exchange& exchange) const;
    [[nodiscard]] std::string status_json() const;
    [[nodiscard]] api::Self self() const;
    /// Streams that the hub opens are served with this handler (the node's whole front).
    void serve_streams_with(net::Handler& handler) { handler_ = &handler; }

private:
    Result<link::Target> find_target();
    /// The first word on a new link.
    void report_in();
    net::Task<void> beat();
    net::Task<void> send_heartbeat();
    [[nodiscard]] net::TlsTrust trust_for(net::Url const& hub, std::string const& anchors) const;
    [[nodiscard]] pki::NodeIdentity who() const;
    [[nodiscard]] link::Renewer::Deps renewer_deps();
    /// A certificate that has ended is renewed with its key before the link is dialled.
    net::Task<Result<void>> recover();
    net::Task<Result<void>> renew();
    net::Task<Result<void>> relink();
    net::Task<Result<std::string>> answer(std::string method);
    net::Task<void> move_link();
    void take_name();
    void on_change();
    link::SessionHandlers handlers();
    net::Task<void> serve_stream(net::StreamPtr stream);

    net::Env env_;
    Options options_;
    net::Handler* handler_ = nullptr;
    bool stopping_ = false;
    bool lost_ = false;    ///< as noted on disk
    bool moving_ = false;  ///< the link will be made anew in a moment
    std::string instance_;
    identity::ProvisioningState provisioning_;
    std::uint64_t reported_connect_ = 0;
    link::Uplink uplink_;
    link::Renewer renewer_;
    net::TaskGroup tasks_;
};

struct MemberStatus {
    std::string node_id, subnet_id, name, hub_url;
    bool connected = false;
    bool draining = false;
    link::UplinkState uplink;
    identity::ProvisioningState provisioning;
};
[[nodiscard]] std::string status_json(MemberStatus const& status);

}  // namespace adaos::member

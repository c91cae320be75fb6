#pragma once
/// The hub's uplink to Root: its address book, the nodes Root admitted, codes minted at Root.

#include "api/desk.hpp"
#include "api/grant_call.hpp"
#include "identity/base_dir.hpp"
#include "identity/node_config.hpp"
#include "link/renewer.hpp"
#include "link/uplink.hpp"
#include "net/env.hpp"
#include "net/http_session.hpp"
#include "net/task_group.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace adaos::hub {

/// How long the answer to a call over a link may take.
inline constexpr std::chrono::seconds call_timeout{10};

/// How soon nodes are asked for again that our own store failed to take, at first and at last.
inline constexpr std::chrono::milliseconds first_later_pause{1000};
inline constexpr std::chrono::milliseconds longest_later_pause{60'000};

/// Who else wants to hear of the link.
class RootListener {
public:
    virtual ~RootListener() = default;
    /// The link has come up and what Root admitted meanwhile is taken over.
    virtual void linked() = 0;
    /// Root has this node as removed, and so have we now; also told of those we removed ourselves.
    virtual void removed(registry::Node const& node) = 0;
    /// A call of Root's that is not about admitted nodes.
    virtual net::Task<Result<std::string>> answer(std::string method, std::string params) = 0;
};

class RootLink {
public:
    struct Events {
        std::function<void()> renewed;   ///< Root has renewed the certificates on disk
        std::function<void()> relinked;  ///< a new link has taken over, an old one lingers
    };
    RootLink(net::Env env, identity::BaseDir dir, identity::NodeConfig config, std::string name,
             api::Desk& desk, Events events);

    net::Task<void> run();
    net::Task<void> stop();
    void serve_streams_with(net::Handler& handler) { handler_ = &handler; }

    void tell(RootListener& listener) { listener_ = &listener; }

    [[nodiscard]] bool configured() const noexcept { return !config_.root_base_url.empty(); }
    [[nodiscard]] link::Uplink const& uplink() const noexcept { return uplink_; }

    /// A member that Root admitted has had its first hello here: Root lets nobody replay its join
    /// any more. While the link is down nothing is lost: all of them are told when it comes up.
    void tell_arrived(std::string node_id);

    /// `join_code.create` at Root: its JSON answer. Errors: hub_offline-like `unreachable` when the
    /// link is down, Root's own.
    net::Task<Result<std::string>> mint_code(int ttl_minutes, int length);
    /// Our grants in Root's book. Errors: unreachable when the link is down, Root's own.
    net::Task<Result<std::string>> grant_call(api::GrantCall call);

private:
    net::Task<Result<std::string>> call_root(std::string method, std::string params,
                                             std::string instead);
    Result<link::Target> find_target();
    link::SessionHandlers handlers();
    net::Task<void> serve_stream(net::StreamPtr stream);
    net::Task<Result<std::string>> answer(std::string method, std::string params);
    net::Task<Result<void>> take_nodes(std::string answer);
    void fetch_later();
    net::Task<void> catch_up();
    net::Task<void> fetch_nodes();
    net::Task<void> tell_all_arrived();
    net::Task<void> send_arrived(std::vector<std::string> node_ids);
    void on_change();
    void note_loss();
    // The hub's own certificates (root_link_certificates.cpp).
    [[nodiscard]] net::TlsTrust trust_for(std::string const& anchors) const;
    [[nodiscard]] pki::NodeIdentity who() const;
    [[nodiscard]] link::Renewer::Deps renewer_deps();
    net::Task<Result<void>> recover();
    net::Task<Result<void>> renew();
    net::Task<Result<std::string>> ask_renewal(std::string issuer_csr_pem);
    net::Task<Result<void>> relink();

    net::Env env_;
    identity::BaseDir dir_;
    identity::NodeConfig config_;
    std::string name_;
    api::Desk& desk_;
    net::Handler* handler_ = nullptr;
    RootListener* listener_ = nullptr;
    bool stopping_ = false;
    std::string instance_;
    std::uint64_t fetched_connect_ = 0;
    Events events_;
    bool lost_ = false;  ///< as noted on disk
    link::Uplink uplink_;
    link::Renewer renewer_;
    std::chrono::milliseconds later_pause_ = first_later_pause;
    net::TimerPtr later_;  ///< when nodes that our store did not take are fetched again
    net::TaskGroup tasks_;
};

}  // namespace adaos::hub

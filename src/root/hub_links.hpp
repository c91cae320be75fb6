#pragma once
/// The links of the hubs, at Root: who may open one, what a hub may ask over it.

#include "api/desk.hpp"
#include "api/grant_call.hpp"
#include "link/link_door.hpp"
#include "net/http_session.hpp"
#include "net/task_group.hpp"
#include "net/tls.hpp"
#include "pki/authority.hpp"
#include "root/root_nodes.hpp"

#include <memory>
#include <set>
#include <string>

namespace adaos::root {

/// What Root says of itself in answers.
struct RootFacts {
    std::string public_url;  ///< no trailing slash
    std::string ca_fingerprint;
    std::string tls_pin;  ///< what `public_url` shows to clients; empty: not ours to say
    std::string ca_pem;   ///< every CA that is trusted; the one that signs is the first
};

class HubLinks {
public:
    HubLinks(net::Env env, api::Desk& desk, api::GrantBook& book,
             std::shared_ptr<net::TlsContext const> tls, RootFacts const& facts,
             pki::CurrentAuthority const& ca);
    void set_tls(std::shared_ptr<net::TlsContext const> tls) { door_.set_tls(std::move(tls)); }

    /// `GET /ws/hub`: serves the link until it ends.
    net::Task<void> serve(net::Exchange& exchange) { return door_.serve(exchange); }

    /// A subnet that exists, linked or not: tells 503 (offline) from 404 (unknown) without a
    /// look-up.
    void add_subnet(std::string const& subnet_id) { subnets_.insert(subnet_id); }
    [[nodiscard]] bool knows(std::string const& subnet_id) const {
        return subnets_.contains(subnet_id);
    }
    [[nodiscard]] link::SessionPtr find(std::string const& subnet_id) const;
    /// Tells the hub, if it is there; else it asks when it comes.
    void tell_admitted(registry::Node const& node);
    /// Tells the hub, if it is there, what an agent of its subnet has told Root.
    void tell_heard(registry::Node const& node, std::string heartbeat);
    [[nodiscard]] RootNodes& nodes() noexcept { return nodes_; }
    /// Says goodbye to all hubs.
    void drain();
    net::Task<void> stop();

private:
    net::Task<link::HelloAck> admit(pki::Certificate const& peer, link::Hello const& hello);
    link::LinkDoor::Deps door_deps(net::Env env);
    net::Task<Result<std::string>> answer(link::Hello const& hub, std::string method,
                                          std::string params);
    net::Task<Result<std::string>> mint_code(std::string subnet_id, std::string node_id,
                                             std::string params);
    net::Task<Result<std::string>> call_book(std::string subnet_id, std::string node_id,
                                             std::string method, std::string params);
    net::Task<Result<std::string>> changed_nodes(std::string subnet_id, std::string params);
    net::Task<Result<std::string>> arrived(std::string subnet_id, std::string params);
    net::Task<Result<std::string>> renew(std::string subnet_id, std::string node_id,
                                         std::string params);
    [[nodiscard]] bool signed_by_root(pki::Certificate const& leaf) const;
    /// The node is in the registry no longer: a hub's link and subnet go, a member's hub is told.
    void let_go(registry::Node const& node);
    net::Task<void> push(link::SessionPtr session, std::string method, std::string params);

    api::Desk& desk_;
    api::GrantBook& book_;
    RootFacts const& facts_;
    pki::CurrentAuthority const& ca_;
    Log log_;
    std::set<std::string> subnets_;
    link::LinkDoor door_;
    RootNodes nodes_;
    net::TaskGroup tasks_;
};

}  // namespace adaos::root

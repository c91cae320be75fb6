#pragma once
/// Root's address space: doors, hubs' links, and everything under /hubs/<subnet>/ relayed.

#include "api/drain.hpp"
#include "api/open_pages.hpp"
#include "api/router.hpp"
#include "net/http_session.hpp"
#include "root/hub_links.hpp"

namespace adaos::root {

class RootFront final : public net::Handler {
public:
    RootFront(HubLinks& links, Clock const& clock, net::Timers& timers, Log log);

    net::Task<void> handle(net::Exchange& exchange) override;

    /// Doors add theirs here before the first request.
    [[nodiscard]] api::Router& router() noexcept { return router_; }

    /// Refuses new exchanges; returns when none is under way, at the latest after `grace`.
    net::Task<void> drain(std::chrono::milliseconds grace) { return drain_.run(timers_, grace); }

private:
    net::Task<void> relay(net::Exchange& exchange);

    HubLinks& links_;
    net::Timers& timers_;
    Log log_;
    api::Router router_;
    api::Drain drain_;
};

}  // namespace adaos::root

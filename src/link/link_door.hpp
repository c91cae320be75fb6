#pragma once
/// The accepting end of links: a WebSocket upgrade in, a session in the table of downlinks, served
/// until it ends. Root's `/ws/hub` and a hub's `/ws/subnet` are this, with another `admit`.

#include "link/downlinks.hpp"
#include "link/session.hpp"
#include "net/env.hpp"
#include "net/http_session.hpp"

#include <functional>
#include <memory>
#include <string>

namespace adaos::link {

class LinkDoor {
public:
    struct Deps {
        net::Env env;
        std::string peer_kind;  ///< for log lines: "hub", "member"
        Admit admit;
        /// The place in the table: a hub's subnet id, a member's node id.
        std::function<std::string(Hello const&)> key;
        std::function<net::Task<Result<std::string>>(Hello const& peer, std::string method,
                                                     std::string params)>
            on_call;
    };
    LinkDoor(Deps deps, std::shared_ptr<net::TlsContext const> tls);

    /// Handles the upgrade and serves the link until it ends.
    net::Task<void> serve(net::Exchange& exchange);
    /// For links accepted from now on.
    void set_tls(std::shared_ptr<net::TlsContext const> tls) { tls_ = std::move(tls); }
    [[nodiscard]] Downlinks& links() noexcept { return links_; }
    [[nodiscard]] Downlinks const& links() const noexcept { return links_; }

private:
    void sweep_retired();

    Deps deps_;
    std::shared_ptr<net::TlsContext const>
        tls_;  // a handshake under way keeps the one it began with
    Downlinks links_;
    net::TimerPtr sweep_;  ///< set while there are retired sessions
};

}  // namespace adaos::link

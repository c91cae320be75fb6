#pragma once
/// `/svc/NAME/...` of a node: who may come in, and on to where the service listens.

#include "api/router.hpp"
#include "enrol/access.hpp"
#include "net/env.hpp"
#include "service/book.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace adaos::service {

/// What a connection to a TCP service asks for in `Upgrade`: from the 101 on it is a byte pipe.
inline constexpr std::string_view tcp_protocol = "adaos-tcp";
/// How long a service may take to accept a connection; it is on this machine, or near it.
inline constexpr std::chrono::milliseconds dial_timeout{5'000};

class Door {
public:
    using ScopeOf = std::function<net::Task<std::optional<enrol::Scope>>(net::Exchange&)>;
    /// `hop`: our name in Via and Proxy-Status.
    Door(net::Env env, identity::BaseDir dir, std::string hop, ScopeOf scope_of);

    void add_routes(api::Router& router);
    /// Takes up what commands have changed. Cheap when nothing has.
    void refresh();

private:
    net::Task<void> serve(net::Exchange& exchange);
    net::Task<void> serve_http(net::Exchange& exchange, Service service, Target target);
    net::Task<void> serve_tcp(net::Exchange& exchange, Service service, Target target);
    net::Task<void> refuse(net::Exchange& exchange, Error error);
    /// True when the caller may use it; else the refusal is answered.
    net::Task<bool> admit(net::Exchange& exchange, Service const* service);

    net::Env env_;
    Book book_;
    std::string hop_;
    ScopeOf scope_of_;
};

}  // namespace adaos::service

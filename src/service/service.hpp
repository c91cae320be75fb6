#pragma once
/// A service: something that listens on or near this node, and is reached through it by name.

#include "base/error.hpp"
#include "enrol/access.hpp"
#include "net/network.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace adaos::service {

/// Where a service listens.
struct Target {
    enum class Speaks { http, tcp };
    Speaks speaks = Speaks::http;
    net::Endpoint at;       ///< a socket file: its path as host, port 0
    std::string authority;  ///< "127.0.0.1:3000", as redirects would name it; empty: a socket file
};

/// Longest text of a target, in bytes: a socket's path has 107 (unix(7)).
inline constexpr std::size_t max_target_bytes = 300;

/// `http://HOST[:PORT]`, `unix:/PATH` (HTTP on a socket file), `tcp://HOST:PORT`, `tcp+unix:/PATH`.
/// A path, query or user behind the host is refused: a service is a whole origin. Errors:
/// Problem::invalid_field with what is wrong.
[[nodiscard]] Result<Target> parse_target(std::string_view text);

struct Service {
    std::string name;  ///< a node name (base/names.hpp)
    std::string target;
    bool open = false;  ///< `--public`: nobody is asked for a token
    /// What a caller needs; absent: what every request needs by its method (api::needed_for).
    std::optional<enrol::Scope> scope;
    bool proxy_protocol = false;  ///< TCP only: the target is told who connects (PROXY v2)
    [[nodiscard]] bool operator==(Service const&) const = default;
};

/// Errors: Problem::invalid_field when name, target or their combination is not acceptable.
[[nodiscard]] Result<void> check(Service const& service);

}  // namespace adaos::service

#pragma once
/// Which handler answers which path: the table from which the OpenAPI file is checked.

#include "net/http_session.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adaos::api {

/// The texts that stood for a pattern's `{…}`, in order, undecoded.
using PathParts = std::vector<std::string>;
using Action = std::function<net::Task<void>(net::Exchange&, PathParts)>;

class Router {
public:
    /// `pattern`: segments of a path, `{name}` for one that varies. A GET answers HEAD, too. Of
    /// patterns that fit path and method the one with the fewest `{name}` is meant.
    void add(std::string method, std::string pattern, Action action);
    /// Every method, and every path that begins as `pattern` does before its first `{`.
    void add_tree(std::string pattern, Action action);

    /// Answers and returns true when a pattern fits: by its action, or 405 with Allow.
    net::Task<bool> handle(net::Exchange& exchange);
    /// The same, or 404.
    net::Task<void> answer(net::Exchange& exchange);

    struct Route {
        std::string method;  ///< "*" of a tree
        std::string pattern;
        Action action;
    };
    [[nodiscard]] std::vector<Route> const& routes() const noexcept { return routes_; }

private:
    [[nodiscard]] Route const* tree_of(std::string_view path) const;
    std::vector<Route> routes_;
};

/// Absent when `path` is not of that form. A part is 1 to 128 bytes without '%'.
[[nodiscard]] std::optional<PathParts> match_path(std::string_view pattern, std::string_view path);

}  // namespace adaos::api

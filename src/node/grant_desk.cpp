#include "node/grant_desk.hpp"

#include "base/problem.hpp"
#include "identity/node_config.hpp"
#include "node/local_node.hpp"

namespace adaos::node {
namespace {

/// Root may be far, and the hub asks it for us.
constexpr std::chrono::seconds ask_limit{30};

std::string with_query(std::string path, std::string const& pair) {
    path += path.find('?') == std::string::npos ? '?' : '&';
    return path + pair;
}

}  // namespace

Result<std::string> ask_grants(Context& context, GrantTarget const& target, std::string method,
                               std::string path, std::string body) {
    if (target.server)
        return ask_server(context, target, std::move(method), std::move(path), std::move(body));
    auto const dir = context.find_base_dir();
    if (!dir) return dir.error();
    if (auto hub = require_hub(*dir); hub.has_error()) return hub.error();
    auto const config = identity::peek_config(*dir);
    bool const registered = config && *config && !(*config)->root_base_url.empty();
    if (registered && !target.local) path = with_query(std::move(path), "authority=root");
    auto const node = find_local_node(context, *dir, std::nullopt);
    if (!node) return node.error();
    return ask_node(*node, std::move(method), std::move(path), std::move(body), ask_limit);
}

}  // namespace adaos::node

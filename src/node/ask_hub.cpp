#include "node/ask_hub.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"
#include "node/local_node.hpp"

namespace adaos::node {
namespace {

/// Root may be far, and the hub asks it for us.
constexpr std::chrono::seconds hub_answer_limit{30};

}  // namespace

Result<std::string> ask_hub(Context& context, ServerTarget const& target, std::string method,
                            std::string path, std::string body) {
    if (target.server)
        return ask_server(context, target, std::move(method), std::move(path), std::move(body));
    auto const dir = context.find_base_dir();
    if (!dir) return dir.error();
    if (auto hub = require_hub(*dir); hub.has_error()) return hub.error();
    auto const node = find_local_node(context, *dir, std::nullopt);
    if (!node) return node.error();
    return ask_node(*node, std::move(method), std::move(path), std::move(body), hub_answer_limit);
}

std::string with_query(std::string path, std::string const& pair) {
    path += path.find('?') == std::string::npos ? '?' : '&';
    return path + pair;
}

Result<std::string> for_subnet(std::string path, SubnetTarget const& target) {
    if (!target.subnet) return path;
    if (!is_subnet_id(*target.subnet))
        return Error(Problem::invalid_option, "--subnet: " + *target.subnet);
    return with_query(std::move(path), "subnet=" + *target.subnet);
}

}  // namespace adaos::node

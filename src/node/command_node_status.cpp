#include "base/problem.hpp"
#include "identity/node_config.hpp"
#include "node/command.hpp"
#include "node/local_node.hpp"
#include "node/status_text.hpp"

#include <ostream>

namespace adaos::node {
namespace {

/// A status is asked for by people and by scripts in a loop: it never hangs.
constexpr std::chrono::milliseconds probe_limit{2500};

std::string why_not(Error const& error) {
    if (error.code == Problem::node_not_running) return "the node is not running";
    if (error.code == Problem::bad_answer) return error.context;
    return "the node gave no status: " + error.message();
}

Result<std::string> status(Context& context, StatusOptions const& options) {
    auto const dir = context.find_base_dir();  // a look leaves no folders behind
    if (!dir) return dir.error();
    auto const loaded = identity::plan_config(*dir, context.random);
    if (!loaded) return loaded.error();
    std::optional<identity::NodeConfig> config;
    if (!loaded->created) config = loaded->config;

    if (!options.probe) return offline_status(config, "the node was not asked (--no-probe)");
    auto const node = find_local_node(context, *dir, options.control);
    if (!node && node.error().code == Problem::invalid_field) return node.error();
    if (!node) return offline_status(config, why_not(node.error()));
    auto const answer = ask_node(*node, "GET", "/api/node/status", "", probe_limit);
    if (!answer) return offline_status(config, why_not(answer.error()));
    auto shown = online_status(*answer);
    if (shown) return shown;
    return offline_status(config, "something else answers at " + node->url.origin());
}

}  // namespace

int command_node_status(Context& context, StatusOptions const& options) {
    auto const found = status(context, options);
    if (!found) return fail(context, found.error());
    context.out << (context.json ? *found : status_text(*found)) << std::flush;
    return 0;
}

}  // namespace adaos::node

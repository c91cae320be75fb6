#include "base/names.hpp"
#include "base/problem.hpp"
#include "node/command.hpp"
#include "node/local_node.hpp"
#include "node/status_text.hpp"

#include <ostream>

namespace adaos::node {
namespace {

constexpr std::chrono::seconds ask_limit{10};

Result<std::string> remove(Context& context, std::string const& who) {
    // Only these go into the path as they are; nothing else is anybody's name.
    if (!is_node_id(who) && !is_node_name(who)) return Error(Problem::node_unknown, who);
    auto const dir = context.find_base_dir();
    if (!dir) return dir.error();
    if (auto hub = require_hub(*dir); hub.has_error()) return hub.error();
    auto const node = find_local_node(context, *dir, std::nullopt);
    if (!node) return node.error();
    auto const answer = ask_node(*node, "DELETE", "/api/node/members/" + who, "", ask_limit);
    if (!answer) return answer.error();
    auto text = removed_text(*answer);
    if (!text || !context.json) return text;
    return *answer;
}

}  // namespace

int command_node_remove(Context& context, std::string const& who) {
    auto const done = remove(context, who);
    if (!done) return fail(context, done.error());
    context.out << *done << std::flush;
    return 0;
}

}  // namespace adaos::node

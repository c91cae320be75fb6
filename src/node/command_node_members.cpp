#include "node/command.hpp"
#include "node/local_node.hpp"
#include "node/status_text.hpp"

#include <ostream>

namespace adaos::node {
namespace {

constexpr std::chrono::seconds members_answer_limit{10};

Result<std::string> members(Context& context) {
    auto const dir = context.find_base_dir();
    if (!dir) return dir.error();
    if (auto hub = require_hub(*dir); hub.has_error()) return hub.error();
    auto const node = find_local_node(context, *dir, std::nullopt);
    if (!node) return node.error();
    auto const answer = ask_node(*node, "GET", "/api/node/members", "", members_answer_limit);
    if (!answer) return answer.error();
    auto table = members_table(*answer);
    if (!table || !context.json) return table;
    return *answer;
}

}  // namespace

int command_node_members(Context& context) {
    auto const found = members(context);
    if (!found) return fail(context, found.error());
    context.out << *found << std::flush;
    return 0;
}

}  // namespace adaos::node

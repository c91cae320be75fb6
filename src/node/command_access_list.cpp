#include "node/access_desk.hpp"
#include "node/command.hpp"
#include "node/status_text.hpp"

#include <ostream>

namespace adaos::node {

int command_access_list(Context& context) {
    auto const body = list_access(context);
    if (!body) return fail(context, body.error());
    auto const shown = context.json ? tokens_list_json(*body) : tokens_table(*body);
    if (!shown) return fail(context, shown.error());
    context.out << *shown << std::flush;
    return 0;
}

}  // namespace adaos::node

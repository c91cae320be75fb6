#include "node/access_commands.hpp"

#include "node/access_desk.hpp"
#include "node/status_text.hpp"

#include <ostream>

namespace adaos::node {

int command_access_create(Context& context, AccessOptions const& options) {
    auto const body = create_access(context, options);
    if (!body) return fail(context, body.error());
    auto const shown = shown_token(*body);
    if (!shown) return fail(context, shown.error());
    if (context.json) {
        context.out << shown->json << std::flush;
        return 0;
    }
    // The token alone on stdout, so that it can go straight into a file.
    context.out << shown->token << std::endl;
    context.err << "adaos: info: " << shown->summary << '\n';
    return 0;
}

int command_access_list(Context& context, AccessOptions const& options) {
    auto const body = list_access(context, options);
    if (!body) return fail(context, body.error());
    auto const shown = context.json ? tokens_list_json(*body) : tokens_table(*body);
    if (!shown) return fail(context, shown.error());
    context.out << *shown << std::flush;
    return 0;
}

int command_access_revoke(Context& context, AccessOptions const& options) {
    auto const body = revoke_access(context, options);
    if (!body) return fail(context, body.error());
    if (context.json)
        context.out << *body << std::flush;
    else
        context.out << options.id << ": revoked; nobody can use it any more\n" << std::flush;
    return 0;
}

}  // namespace adaos::node

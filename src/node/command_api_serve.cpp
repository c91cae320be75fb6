#include "base/log.hpp"
#include "node/command.hpp"
#include "node/serve.hpp"

namespace adaos::node {

int command_api_serve(Context& context, ServeOptions const& options) {
    auto dir = context.open_base_dir();
    if (!dir) return fail(context, dir.error());
    StderrSink sink(context.err_is_terminal ? StderrSink::Form::human : StderrSink::Form::json,
                    context.verbose ? Level::debug : Level::info);
    auto const security = options.plain ? net::Security::plain : net::Security::sniffed;
    auto const code = serve_node({*dir, options.host, options.port, security}, Log(sink));
    return code ? *code : fail(context, code.error());
}

}  // namespace adaos::node

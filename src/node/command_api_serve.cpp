#include "base/log.hpp"
#include "cli/listening.hpp"
#include "cli/process.hpp"
#include "enrol/renewal.hpp"
#include "net/network.hpp"
#include "node/command.hpp"
#include "node/serve.hpp"

#include <ostream>

namespace adaos::node {

int command_api_serve(Context& context, ServeOptions const& options) {
    auto const life = enrol::parse_leaf_life(options.cert_life);
    if (!life) return fail(context, with_context(life.error(), "--cert-life"));
    auto const budget = enrol::parse_recovery_budget(options.recovery_budget);
    if (!budget) return fail(context, with_context(budget.error(), "--recovery-budget"));
    auto dir = context.open_base_dir();
    if (!dir) return fail(context, dir.error());
    cli::ignore_hangup();
    StderrSink sink(context.err_is_terminal ? StderrSink::Form::human : StderrSink::Form::json,
                    context.verbose ? Level::debug : Level::info);
    auto const security = options.plain ? net::Security::plain : net::Security::sniffed;
    auto const code =
        serve_node({*dir, options.host, options.port, security, *life, *budget}, Log(sink));
    context.out.clear();  // its line there is a courtesy: serving was the result
    if (code) return *code;
    auto const told =
        cli::explain_listening(code.error(), net::Endpoint{options.host, options.port}.text());
    return fail(context, told.error, told.hint);
}

}  // namespace adaos::node

#include "base/problem.hpp"
#include "node/command.hpp"
#include "node/demo.hpp"

namespace adaos::node {

int command_demo(Context& context, DemoOptions const& options) {
    auto const done = run_demo(context, options);
    if (done) return 0;
    if (done.error().code == Problem::config_invalid)
        return fail(context, done.error(), "Set TMPDIR to a folder of yours, or give --keep DIR");
    // The demo's steps have limits of their own; --timeout is no option of it.
    if (done.error().code == Problem::timed_out)
        return fail(context, done.error(), "Run it again; --keep DIR keeps the logs");
    return fail(context, done.error());
}

}  // namespace adaos::node

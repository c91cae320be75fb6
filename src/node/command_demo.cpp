#include "node/command.hpp"
#include "node/demo.hpp"

namespace adaos::node {

int command_demo(Context& context, DemoOptions const& options) {
    auto const code = run_demo(options);
    return code ? *code : fail(context, code.error());
}

}  // namespace adaos::node

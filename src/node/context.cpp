#include "base/problem.hpp"
#include "cli/words.hpp"
#include "node/command.hpp"

#include <ostream>

namespace adaos::node {

int fail(Context& context, Error const& error, std::string_view hint) {
    return cli::fail(context.console(), error, hint);
}

int fail(Context& context, Error const& error) {
    return cli::fail(context.console(), error);
}

int print(Context& context, Result<std::string> const& text) {
    if (!text) return fail(context, text.error());
    context.out << *text;
    if (!text->ends_with('\n')) context.out << '\n';
    context.out << std::flush;
    return 0;
}

Result<identity::BaseDir> Context::find_base_dir() const {
    if (auto given = cli::check_base_dir(base_dir); given.has_error()) return given.error();
    auto const path = identity::find_base_dir(base_dir, env);
    if (!path) return path.error();
    return identity::BaseDir{*path};
}

Result<identity::BaseDir> Context::open_base_dir() const {
    auto const dir = find_base_dir();
    if (!dir) return dir.error();
    return identity::BaseDir::open(dir->root);
}

}  // namespace adaos::node

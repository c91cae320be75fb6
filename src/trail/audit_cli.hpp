#pragma once
/// The words of `audit list|verify|export`: the same in both programs.

#include "trail/audit_commands.hpp"

#include <string>

namespace CLI {
class App;
}

namespace adaos::trail {

class AuditCli {
public:
    /// Adds them below `app`; `json` becomes what `--json` says. Returns the noun, which is parsed
    /// when one of the three is. The object outlives `app`'s parsing.
    CLI::App* add(CLI::App& app, bool& json);
    /// Runs the one that was given. Returns the exit code.
    [[nodiscard]] int run(cli::Console const& console, FindTrail const& find) const;

private:
    CLI::App *list_ = nullptr, *verify_ = nullptr, *export_ = nullptr;
    AuditOptions options_;
};

}  // namespace adaos::trail

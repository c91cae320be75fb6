#pragma once
/// `adaos-root audit list|verify|export`: the trail, read from Root's database while it runs or
/// not.

#include "cli/console.hpp"
#include "root/root_files.hpp"

#include <optional>
#include <string>

namespace adaos::root {

struct AuditOptions {
    int limit = 100;
    std::optional<std::string> grant_id, node_id, event;
    /// Of `verify`: an exported file instead of the database; "-" is standard input.
    std::optional<std::string> file;
    /// Of `verify`: the last hash noted earlier; rows cut off after it are found, too.
    std::optional<std::string> head;
};

[[nodiscard]] int audit_list(cli::Console const& console, RootDir const& dir,
                             AuditOptions const& options);
/// Says how many rows are sound and the last hash; at the first bad record its number. Exit 0
/// or 78.
[[nodiscard]] int audit_verify(cli::Console const& console, RootDir const& dir,
                               AuditOptions const& options);
/// Every row as a line of JSON, oldest first: what `verify --file` reads.
[[nodiscard]] int audit_export(cli::Console const& console, RootDir const& dir);

/// adaos.audit-verdict/v1
[[nodiscard]] std::string verdict_json(std::int64_t rows, std::string const& head);

}  // namespace adaos::root

#pragma once
/// `audit list|verify|export`: a trail, read from its authority's database while that runs or not.

#include "cli/console.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace adaos::trail {

/// The database that holds the trail; `made_by`: the command that makes it.
struct TrailFile {
    std::filesystem::path database;
    std::string made_by;
};
/// Called when the database is needed, which it is not for `--file`.
using FindTrail = std::function<Result<TrailFile>()>;

struct AuditOptions {
    int limit = 100;
    std::optional<std::string> grant_id, node_id, event;
    /// Of `verify`: an exported file instead of the database; "-" is standard input.
    std::optional<std::string> file;
    /// Of `verify`: the last hash noted earlier; rows cut off after it are found, too.
    std::optional<std::string> head;
};

[[nodiscard]] int audit_list(cli::Console const& console, FindTrail const& find,
                             AuditOptions const& options);
/// Says how many rows are sound and the last hash; at the first bad record its number. Exit 0
/// or 78; 2 for a file without a row, which proves nothing.
[[nodiscard]] int audit_verify(cli::Console const& console, FindTrail const& find,
                               AuditOptions const& options);
/// Every row as a line of JSON, oldest first: what `verify --file` reads.
[[nodiscard]] int audit_export(cli::Console const& console, FindTrail const& find);

/// adaos.audit-verdict/v1
[[nodiscard]] std::string verdict_json(std::int64_t rows, std::string const& head);

}  // namespace adaos::trail

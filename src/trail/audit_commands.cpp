#include "trail/audit_commands.hpp"

#include "base/names.hpp"
#include "base/problem.hpp"
#include "enrol/audit.hpp"
#include "registry/nodes.hpp"
#include "store/database.hpp"

#include <fstream>
#include <iostream>
#include <ostream>

namespace adaos::trail {
namespace {

/// Longest line of an exported trail: six texts, the longest an actor behind a hub's id (138
/// bytes), and two hashes; with room.
constexpr std::size_t max_line = 4096;

Result<store::Database> open_trail(FindTrail const& find) {
    auto const file = find();
    if (!file) return file.error();
    auto const& path = file->database;
    if (!std::filesystem::exists(path))
        return Error(Problem::state_unreadable,
                     path.string() + " is not there; " + file->made_by + " makes it");
    auto db = store::Database::open(path);
    if (!db) return db.error();
    if (auto done = db->migrate(registry::schema()); done.has_error()) return done.error();
    return db;
}

std::string line_of(enrol::AuditRow const& row) {
    auto const dash = [](std::string const& text) { return text.empty() ? "-" : text; };
    return std::to_string(row.seq) + "  " + rfc3339(row.at) + "  " + row.event + "  " +
           dash(row.actor) + "  grant " + dash(row.grant_id) + "  node " + dash(row.node_id) +
           "  " + dash(row.detail) + '\n';
}

Result<enrol::AuditCheck> check_stream(std::istream& in, std::optional<std::string> const& head,
                                       bool& saw_head) {
    enrol::AuditCheck check;
    std::string line;
    while (std::getline(in, line)) {
        auto const nth = "line " + std::to_string(check.count() + 1);
        if (line.size() > max_line) return Error(Problem::state_damaged, nth + " is too long");
        auto const row = enrol::parse_audit_row(line);
        if (!row) return Error(Problem::state_damaged, nth + ": " + row.error().message());
        if (auto sound = check.next(*row); sound.has_error()) return sound.error();
        saw_head = saw_head || (head && to_hex(check.head()) == to_lower(*head));
    }
    if (check.count() == 0)
        return Error(Problem::invalid_option, "--file: it has no audit row, so it proves nothing");
    return check;
}

Result<enrol::AuditCheck> check_database(FindTrail const& find,
                                         std::optional<std::string> const& head, bool& saw_head) {
    auto db = open_trail(find);
    if (!db) return db.error();
    enrol::AuditCheck check;
    Result<void> verdict;
    auto const walked = enrol::walk_audit(*db, [&](enrol::AuditRow const& row) {
        verdict = check.next(row);
        saw_head = saw_head || (head && to_hex(check.head()) == to_lower(*head));
        return verdict.has_value();
    });
    if (walked.has_error()) return walked.error();
    if (verdict.has_error()) return verdict.error();
    return check;
}

/// What `list` asks for. Errors: of what no row can fit.
Result<enrol::AuditFilter> filter_of(AuditOptions const& options) {
    auto const id = [](std::optional<std::string> const& given) {  // ids are UUIDs everywhere
        return !given || is_node_id(*given);
    };
    if (!id(options.grant_id)) return Error(Problem::invalid_option, "--grant: a grant's id");
    if (!id(options.node_id)) return Error(Problem::invalid_option, "--node: a node's id");
    if (options.event) {
        if (auto const known = enrol::check_audit_event(*options.event); !known)
            return Error(Problem::invalid_option, "--" + known.error().context);
    }
    enrol::AuditFilter filter;
    filter.limit = options.limit;
    filter.grant_id = options.grant_id.value_or("");
    filter.node_id = options.node_id.value_or("");
    filter.event = options.event.value_or("");
    return filter;
}

Result<enrol::AuditCheck> check_all(FindTrail const& find, AuditOptions const& options,
                                    bool& saw_head) {
    if (!options.file) return check_database(find, options.head, saw_head);
    if (*options.file == "-") return check_stream(std::cin, options.head, saw_head);
    std::ifstream file(*options.file);
    if (!file) return Error(Problem::invalid_option, "--file: " + *options.file);
    return check_stream(file, options.head, saw_head);
}

}  // namespace

int audit_list(cli::Console const& console, FindTrail const& find, AuditOptions const& options) {
    auto const filter = filter_of(options);
    if (!filter) return cli::fail(console, filter.error());
    auto db = open_trail(find);
    if (!db) return cli::fail(console, db.error());
    auto const rows = enrol::read_audit(*db, *filter);
    if (!rows) return cli::fail(console, rows.error());
    for (auto row = rows->rbegin(); row != rows->rend(); ++row)
        console.out << (console.json ? enrol::to_json(*row) + '\n' : line_of(*row));
    return 0;
}

int audit_verify(cli::Console const& console, FindTrail const& find, AuditOptions const& options) {
    auto const noted = options.head ? from_hex(*options.head) : Bytes(Digest{}.size());
    if (!noted || noted->size() != Digest{}.size())
        return cli::fail(console, Error(Problem::invalid_option, "--head: 64 hex digits"));
    bool saw_head = false;
    auto const check = check_all(find, options, saw_head);
    if (!check) return cli::fail(console, check.error());
    if (options.head && !saw_head)
        return cli::fail(console, Error(Problem::state_damaged,
                                        "no audit row has the hash of --head: rows are missing"));
    auto const head = to_hex(check->head());
    if (console.json)
        console.out << verdict_json(check->count(), head);
    else
        console.out << check->count()
                    << " audit rows, none changed or missing up to the last\nlast hash " << head
                    << '\n';
    return 0;
}

int audit_export(cli::Console const& console, FindTrail const& find) {
    auto db = open_trail(find);
    if (!db) return cli::fail(console, db.error());
    auto const walked = enrol::walk_audit(*db, [&](enrol::AuditRow const& row) {
        console.out << enrol::to_json(row) << '\n';
        return console.out.good();
    });
    if (!walked) return cli::fail(console, walked.error());
    return 0;
}

}  // namespace adaos::trail

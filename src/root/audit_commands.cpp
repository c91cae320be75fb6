#include "root/audit_commands.hpp"

#include "base/problem.hpp"
#include "enrol/audit.hpp"
#include "registry/nodes.hpp"
#include "store/database.hpp"

#include <fstream>
#include <iostream>
#include <ostream>

namespace adaos::root {
namespace {

/// Longest line of an exported trail: six texts of at most 128 bytes, and two hashes.
constexpr std::size_t max_line = 4096;

Result<store::Database> open_trail(RootDir const& dir) {
    auto const path = dir.database();
    if (!std::filesystem::exists(path))
        return Error(Problem::state_unreadable,
                     path.string() + " is not there; adaos-root serve makes it");
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
        saw_head = saw_head || (head && to_hex(check.head()) == *head);
    }
    return check;
}

Result<enrol::AuditCheck> check_database(RootDir const& dir, std::optional<std::string> const& head,
                                         bool& saw_head) {
    auto db = open_trail(dir);
    if (!db) return db.error();
    enrol::AuditCheck check;
    Result<void> verdict;
    auto const walked = enrol::walk_audit(*db, [&](enrol::AuditRow const& row) {
        verdict = check.next(row);
        saw_head = saw_head || (head && to_hex(check.head()) == *head);
        return verdict.has_value();
    });
    if (walked.has_error()) return walked.error();
    if (verdict.has_error()) return verdict.error();
    return check;
}

Result<enrol::AuditCheck> check_all(RootDir const& dir, AuditOptions const& options,
                                    bool& saw_head) {
    if (!options.file) return check_database(dir, options.head, saw_head);
    if (*options.file == "-") return check_stream(std::cin, options.head, saw_head);
    std::ifstream file(*options.file);
    if (!file) return Error(Problem::invalid_option, "--file: " + *options.file);
    return check_stream(file, options.head, saw_head);
}

}  // namespace

int audit_list(cli::Console const& console, RootDir const& dir, AuditOptions const& options) {
    auto db = open_trail(dir);
    if (!db) return cli::fail(console, db.error());
    enrol::AuditFilter filter;
    filter.limit = options.limit;
    filter.grant_id = options.grant_id.value_or("");
    filter.node_id = options.node_id.value_or("");
    filter.event = options.event.value_or("");
    auto const rows = enrol::read_audit(*db, filter);
    if (!rows) return cli::fail(console, rows.error());
    for (auto row = rows->rbegin(); row != rows->rend(); ++row)
        console.out << (console.json ? enrol::to_json(*row) + '\n' : line_of(*row));
    return 0;
}

int audit_verify(cli::Console const& console, RootDir const& dir, AuditOptions const& options) {
    bool saw_head = false;
    auto const check = check_all(dir, options, saw_head);
    if (!check) return cli::fail(console, check.error());
    if (options.head && !saw_head)
        return cli::fail(console, Error(Problem::state_damaged,
                                        "no audit row has the hash of --head: rows are missing"));
    auto const head = to_hex(check->head());
    if (console.json)
        console.out << verdict_json(check->count(), head);
    else
        console.out << check->count() << " audit rows, none changed or missing\nlast hash " << head
                    << '\n';
    return 0;
}

int audit_export(cli::Console const& console, RootDir const& dir) {
    auto db = open_trail(dir);
    if (!db) return cli::fail(console, db.error());
    auto const walked = enrol::walk_audit(*db, [&](enrol::AuditRow const& row) {
        console.out << enrol::to_json(row) << '\n';
        return console.out.good();
    });
    if (!walked) return cli::fail(console, walked.error());
    return 0;
}

}  // namespace adaos::root

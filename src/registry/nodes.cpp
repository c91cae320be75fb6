#include "registry/nodes.hpp"

#include "base/bytes.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "registry/node_rows.hpp"

#include <algorithm>
#include <string>

namespace adaos::registry {
namespace {

/// Of a name made from a host name; what people choose may be longer.
constexpr std::size_t max_name_bytes = 40;
constexpr std::size_t max_hostname_bytes = 255;  // RFC 1035
/// Names "x-2" to "x-99" are tried; then the node id's first digits tell the nodes apart.
constexpr int max_name_suffix = 99;

constexpr std::string_view columns =
    "node_id, subnet_id, role, name, hostname, zone, spki_sha256, issued_by, created_at, "
    "updated_at, "
    "first_hello_at, last_seen_at, removed_at, ";
constexpr int first_axes_column = 13;

Result<Node> read_row(store::Statement const& row) {
    Node n;
    n.node_id = row.text(0);
    n.subnet_id = row.text(1);
    n.role = row.text(2);
    n.name = row.text(3);
    n.hostname = row.text(4);
    n.zone = row.text(5);
    n.spki_sha256 = row.text(6);
    n.issued_by = row.text(7);
    n.created_at = from_millis(row.integer(8));
    n.updated_at = from_millis(row.integer(9));
    n.first_hello_at = optional_time(row, 10);
    n.last_seen_at = optional_time(row, 11);
    n.removed_at = optional_time(row, 12);
    if (auto axes = read_axes(row, first_axes_column, n); axes.has_error()) return axes.error();
    return n;
}

/// The row as it is now; absent when a newer one, or one of another key, was left as it is.
Result<std::optional<Node>> upsert(store::Database& db, Node const& n) {
    auto put = db.prepare(returning_node(
        "INSERT INTO nodes (node_id, subnet_id, role, name, hostname, zone, spki_sha256, "
        "issued_by, "
        "created_at, updated_at, first_hello_at, last_seen_at, removed_at, architecture, "
        "enrolment) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
        "CASE WHEN ?13 IS NOT NULL THEN 'deleted' WHEN ?11 IS NOT NULL THEN 'active' "
        "ELSE 'pending' END) "
        "ON CONFLICT (node_id) DO UPDATE SET subnet_id = ?2, role = ?3, name = ?4, "
        "hostname = CASE ?5 WHEN '' THEN hostname ELSE ?5 END, "
        "zone = CASE ?6 WHEN '' THEN zone ELSE ?6 END, issued_by = ?8, updated_at = ?10, "
        "first_hello_at = coalesce(first_hello_at, ?11), "
        "last_seen_at = max(coalesce(last_seen_at, ?12), coalesce(?12, last_seen_at)), "
        // One that comes back is a new node as far as operators have decided anything about it.
        "scheduling = CASE enrolment WHEN 'deleted' THEN 'open' ELSE scheduling END, "
        "cordoned_at = CASE enrolment WHEN 'deleted' THEN NULL ELSE cordoned_at END, "
        "cordoned_by = CASE enrolment WHEN 'deleted' THEN '' ELSE cordoned_by END, "
        "architecture = CASE architecture WHEN '' THEN ?14 ELSE architecture END, "
        "enrolment = CASE WHEN ?13 IS NOT NULL THEN 'deleted' WHEN enrolment = 'active' "
        "THEN 'active' WHEN enrolment = 'pending' AND ?11 IS NOT NULL THEN 'active' "
        "ELSE 'pending' END, "
        "removed_at = ?13 WHERE spki_sha256 = ?7 AND updated_at <= ?10"));
    put.bind(1, n.node_id).bind(2, n.subnet_id).bind(3, n.role).bind(4, n.name).bind(5, n.hostname);
    put.bind(6, n.zone).bind(7, n.spki_sha256).bind(8, n.issued_by);
    put.bind(9, to_millis(n.created_at)).bind(10, to_millis(n.updated_at));
    put.bind(11, optional_millis(n.first_hello_at)).bind(12, optional_millis(n.last_seen_at));
    put.bind(13, optional_millis(n.removed_at)).bind(14, n.inventory.architecture);
    return read_changed(std::move(put));
}

std::string with_suffix(std::string_view name, std::string const& suffix) {
    return std::string(name.substr(0, max_name_bytes - suffix.size())) + suffix;
}

/// The `attempt`th name to try, from 1: "x", "x-2", …, "x-99", "x-0a1b2c3d".
std::string candidate(Node const& node, std::string_view name, int attempt) {
    if (attempt == 1) return std::string(name);
    if (attempt <= max_name_suffix) return with_suffix(name, "-" + std::to_string(attempt));
    return with_suffix(name, "-" + node.node_id.substr(0, 8));
}

bool is_text(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool is_spki_hex(std::string_view text) {
    return text.size() == 64 && from_hex(text) && to_lower(text) == text;
}

}  // namespace

std::string returning_node(std::string_view change) {
    return std::string(change) + " RETURNING " + std::string(columns) + std::string(axes_columns);
}

std::string select_nodes(std::string_view rest) {
    return "SELECT " + std::string(columns) + std::string(axes_columns) + " FROM nodes " +
           std::string(rest);
}

std::optional<WallTime> optional_time(store::Statement const& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return from_millis(row.integer(column));
}

std::optional<std::int64_t> optional_millis(std::optional<WallTime> const& t) {
    if (!t) return std::nullopt;
    return to_millis(*t);
}

Result<std::optional<Node>> read_one(store::Statement row) {
    auto const there = row.step();
    if (there.has_error()) return there.error();
    if (!*there) return std::optional<Node>();
    auto node = read_row(row);
    if (node.has_error()) return node.error();
    return std::optional(std::move(*node));
}

Result<std::optional<Node>> read_changed(store::Statement row) {
    auto const there = row.step();
    if (there.has_error()) return there.error();
    if (!*there) return std::optional<Node>();
    auto node = read_row(row);
    if (node.has_error()) return node.error();
    if (auto const ended = row.step(); ended.has_error()) return ended.error();
    return std::optional(std::move(*node));
}

Result<std::vector<Node>> read_all(store::Statement rows) {
    std::vector<Node> found;
    for (;;) {
        auto const there = rows.step();
        if (there.has_error()) return there.error();
        if (!*there) return found;
        auto node = read_row(rows);
        if (node.has_error()) return node.error();
        found.push_back(std::move(*node));
    }
}

std::string name_from_hostname(std::string_view hostname) {
    auto name = to_lower(hostname);
    for (auto& c : name)
        if (!is_node_name(std::string_view(&c, 1))) c = c == '-' || c == '_' ? c : '-';
    auto const first = name.find_first_not_of('-');
    if (first == std::string::npos) return "node";
    name = name.substr(first, max_name_bytes);
    name.resize(name.find_last_not_of('-') + 1);
    return is_node_id(name) ? "n-" + name : name;
}

Result<void> check_node(Node const& n) {
    auto const bad = [](char const* field) { return Error(Problem::invalid_field, field); };
    if (!is_node_id(n.node_id)) return bad("node_id");
    if (!is_subnet_id(n.subnet_id)) return bad("subnet_id");
    if (n.role != "hub" && n.role != "member") return bad("role");
    if (!n.name.empty() && (!is_node_name(n.name) || is_node_id(n.name))) return bad("name");
    if (n.hostname.size() > max_hostname_bytes || !is_text(n.hostname)) return bad("hostname");
    if (!n.zone.empty() && !is_zone(n.zone)) return bad("zone");
    if (!is_spki_hex(n.spki_sha256)) return bad("spki_sha256");
    if (n.issued_by != "root" && n.issued_by != "hub") return bad("issued_by");
    auto const& architecture = n.inventory.architecture;
    if (!architecture.empty() && architecture != "amd64" && architecture != "arm64")
        return bad("architecture");
    return Result<void>();
}

Result<Node> Nodes::admit(Node node) {
    if (is_node_id(node.name)) node.name = name_from_hostname(node.name);
    if (auto ok = check_node(node); ok.has_error()) return ok.error();
    auto const known = find(node.node_id);
    if (known.has_error()) return known.error();
    if (*known && (*known)->spki_sha256 != node.spki_sha256)
        return Error(Problem::duplicate_identity, "admit " + node.node_id);

    auto wanted = node.name;
    if (wanted.empty() && *known) wanted = (*known)->name;
    if (wanted.empty()) wanted = name_from_hostname(node.hostname);
    for (int attempt = 1; attempt <= max_name_suffix + 1; ++attempt) {
        node.name = candidate(node, wanted, attempt);
        auto const put = upsert(db_, node);
        if (put.has_error() && store::is_constraint(put.error())) continue;  // the name is taken
        if (put.has_error()) return put.error();
        if (*put) return **put;
        auto const stored = find(node.node_id);
        if (stored.has_error()) return stored.error();
        // Another writer may have been first since `known` was read.
        if (!*stored || (*stored)->spki_sha256 != node.spki_sha256)
            return Error(Problem::duplicate_identity, "admit " + node.node_id);
        return **stored;
    }
    return Error(Problem::invalid_field, "name: no free variant of " + wanted);
}

Result<std::optional<Node>> Nodes::find(std::string_view node_id) {
    auto row = db_.prepare(select_nodes("WHERE node_id = ?1"));
    row.bind(1, node_id);
    return read_one(std::move(row));
}

Result<std::optional<Node>> Nodes::find_in(std::string_view subnet_id,
                                           std::string_view id_or_name) {
    // A name never has the form of an id, so one of the two can match.
    auto row = db_.prepare(select_nodes(
        is_node_id(id_or_name) ? "WHERE subnet_id = ?1 AND node_id = ?2 AND removed_at IS NULL"
                               : "WHERE subnet_id = ?1 AND name = ?2 AND removed_at IS NULL"));
    row.bind(1, subnet_id).bind(2, id_or_name);
    return read_one(std::move(row));
}

Result<std::vector<Node>> Nodes::list(std::string_view subnet_id) {
    auto rows = db_.prepare(
        select_nodes("WHERE subnet_id = ?1 AND removed_at IS NULL ORDER BY created_at, node_id"));
    rows.bind(1, subnet_id);
    return read_all(std::move(rows));
}

Result<bool> Nodes::was_used(std::string_view subnet_id) {
    auto row = db_.prepare("SELECT 1 FROM nodes WHERE subnet_id = ?1 LIMIT 1");
    row.bind(1, subnet_id);
    return row.step();
}

Result<std::vector<Node>> Nodes::hubs() {
    return read_all(db_.prepare(
        select_nodes("WHERE role = 'hub' AND removed_at IS NULL ORDER BY created_at, node_id")));
}

Result<std::optional<Node>> Nodes::hub_of(std::string_view subnet_id) {
    auto row = db_.prepare(
        select_nodes("WHERE subnet_id = ?1 AND role = 'hub' AND removed_at IS NULL LIMIT 1"));
    row.bind(1, subnet_id);
    return read_one(std::move(row));
}

Result<std::vector<Node>> Nodes::changed_since(std::string_view subnet_id, WallTime since,
                                               int limit) {
    auto rows =
        db_.prepare(select_nodes("WHERE subnet_id = ?1 AND updated_at > ?2 AND spki_sha256 <> '' "
                                 "ORDER BY updated_at, node_id LIMIT ?3"));
    rows.bind(1, subnet_id).bind(2, to_millis(since)).bind(3, std::int64_t{std::max(limit, 0)});
    return read_all(std::move(rows));
}

Result<WallTime> Nodes::next_change(std::string_view subnet_id, WallTime now) {
    auto row = db_.prepare("SELECT max(updated_at) FROM nodes WHERE subnet_id = ?1");
    row.bind(1, subnet_id);
    auto const there = row.step();
    if (there.has_error()) return there.error();
    if (!*there || row.is_null(0)) return now;
    return std::max(now, from_millis(row.integer(0) + 1));
}

Result<void> Nodes::seen(std::string_view node_id, WallTime now) {
    auto put = db_.prepare(
        "UPDATE nodes SET first_hello_at = coalesce(first_hello_at, ?2), "
        "last_seen_at = max(coalesce(last_seen_at, ?2), ?2), "
        "enrolment = CASE enrolment WHEN 'retired' THEN 'retired' ELSE 'active' END "
        "WHERE node_id = ?1 AND removed_at IS NULL");
    put.bind(1, node_id).bind(2, to_millis(now));
    if (auto done = put.run(); done.has_error()) return done.error();
    if (db_.changes() == 0) return Error(Problem::node_unknown, "hello");
    return Result<void>();
}

Result<std::optional<Node>> Nodes::find_by_key(std::string_view subnet_id, std::string_view spki) {
    auto row = db_.prepare(
        select_nodes("WHERE subnet_id = ?1 AND spki_sha256 = ?2 AND removed_at IS NULL LIMIT 1"));
    row.bind(1, subnet_id).bind(2, spki);
    return read_one(std::move(row));
}

Result<void> Nodes::replace_key(std::string_view node_id, std::string_view spki, WallTime now) {
    auto put = db_.prepare(
        "UPDATE nodes SET spki_sha256 = ?2, first_hello_at = NULL, enrolment = 'pending', "
        "updated_at = max(?3, updated_at "
        "+ 1) WHERE node_id = ?1");
    put.bind(1, node_id).bind(2, spki).bind(3, to_millis(now));
    if (auto done = put.run(); done.has_error()) return done.error();
    if (db_.changes() == 0) return Error(Problem::node_unknown, "replace key");
    return Result<void>();
}

Result<void> Nodes::remove(std::string_view node_id, WallTime now) {
    // The change time of next_change, in the same statement.
    auto put = db_.prepare(
        "UPDATE nodes SET removed_at = ?2, enrolment = 'deleted', updated_at = max(?2, 1 + (SELECT "
        "max(o.updated_at) "
        "FROM nodes o WHERE o.subnet_id = nodes.subnet_id)) "
        "WHERE node_id = ?1 AND removed_at IS NULL");
    put.bind(1, node_id).bind(2, to_millis(now));
    if (auto done = put.run(); done.has_error()) return done.error();
    if (db_.changes() == 0) return Error(Problem::node_unknown, "remove");
    return Result<void>();
}

Result<void> Nodes::remove_as_told(std::string_view node_id, WallTime at) {
    auto put = db_.prepare(
        "UPDATE nodes SET removed_at = coalesce(removed_at, ?2), enrolment = 'deleted', "
        "updated_at = ?2 WHERE node_id = ?1");
    put.bind(1, node_id).bind(2, to_millis(at));
    return put.run();
}

}  // namespace adaos::registry

#include "base/json.hpp"
#include "enrol/grants.hpp"

namespace adaos::enrol {
namespace {

/// AdaOS writes times as seconds since the epoch, with a fraction.
Json epoch_seconds(store::Statement const& row, int column) {
    if (row.is_null(column)) return nullptr;
    return static_cast<double>(row.integer(column)) / 1000.0;
}

}  // namespace

Result<std::string> join_codes_projection(store::Database& db) {
    auto rows = db.prepare(
        "SELECT g.secret_mac, g.created_at, g.expires_at, r.at, g.subnet_id, g.revoked_at "
        "FROM grants g LEFT JOIN redemptions r ON r.grant_id = g.id "
        "WHERE g.kind = 'member' ORDER BY g.created_at DESC, g.rowid DESC LIMIT ?1");
    rows.bind(1, std::int64_t{max_listed});
    Json codes = Json::object();
    for (;;) {
        auto const there = rows.step();
        if (there.has_error()) return there.error();
        if (!*there) break;
        Json code = Json::object();
        code["created_at"] = epoch_seconds(rows, 1);
        code["expires_at"] = epoch_seconds(rows, 2);
        code["consumed_at"] = epoch_seconds(rows, 3);
        code["subnet_id"] = rows.text(4);
        code["meta"] = Json::object();
        code["meta"]["kind"] = "subnet.member.join";
        if (!rows.is_null(5)) code["meta"]["revoked_at"] = epoch_seconds(rows, 5);
        codes[to_hex(rows.blob(0))] = std::move(code);
    }
    Json out = Json::object();
    out["v"] = 1;
    out["codes"] = std::move(codes);
    return dump_pretty(out);
}

}  // namespace adaos::enrol

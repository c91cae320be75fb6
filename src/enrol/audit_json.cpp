#include "base/bytes.hpp"
#include "base/json_body.hpp"
#include "base/problem.hpp"
#include "enrol/audit.hpp"

#include <algorithm>
#include <cstdint>

namespace adaos::enrol {
namespace {

constexpr std::size_t max_text = 512;

Digest digest_of(JsonBody& body, char const* key) {
    Digest out{};
    auto const bytes = from_hex(body.text(key, 2 * out.size()));
    if (!bytes || bytes->size() != out.size())
        body.refuse(key, "64 hex digits");
    else
        std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

}  // namespace

std::string to_json(AuditRow const& row) {
    Json json;
    json["schema"] = "adaos.audit/v1";
    json["seq"] = row.seq;
    json["at"] = rfc3339(row.at);
    json["at_ms"] = to_millis(row.at);
    json["event"] = row.event;
    json["actor"] = row.actor;
    json["grant_id"] = row.grant_id;
    json["node_id"] = row.node_id;
    json["detail"] = row.detail;
    json["prev_hash"] = to_hex(row.prev_hash);
    json["hash"] = to_hex(row.hash);
    return dump(json);
}

Result<AuditRow> parse_audit_row(std::string_view line) {
    auto body = JsonBody::parse(line);
    if (!body) return body.error();
    AuditRow row;
    row.seq = body->integer("seq", 1, INT64_MAX, 0);
    row.at = from_millis(body->integer("at_ms", 0, INT64_MAX, 0));
    row.event = body->text("event", max_text);
    row.actor = body->text("actor", max_text);
    row.grant_id = body->text("grant_id", max_text);
    row.node_id = body->text("node_id", max_text);
    row.detail = body->text("detail", max_text);
    row.prev_hash = digest_of(*body, "prev_hash");
    row.hash = digest_of(*body, "hash");
    if (auto const fine = body->check(); !fine) return fine.error();
    return row;
}

}  // namespace adaos::enrol

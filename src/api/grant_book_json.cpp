#include "api/grant_book.hpp"
#include "base/bytes.hpp"
#include "base/json_body.hpp"
#include "base/problem.hpp"

namespace adaos::api {
namespace {

constexpr std::int64_t max_ttl_seconds = std::int64_t{366} * 24 * 3600;

Json optional_time(std::optional<WallTime> const& t) {
    return t ? Json(rfc3339(*t)) : Json(nullptr);
}

Json to_object(enrol::GrantRow const& g) {
    Json json;
    json["schema"] = "adaos.grant/v1";
    json["id"] = g.id;
    json["kind"] = g.kind;
    json["form"] = g.form;
    json["state"] = g.state;
    json["subnet_id"] = g.subnet_id;
    if (g.form == "code")
        json["slot"] = g.slot;
    else
        json["secret_prefix8"] = g.prefix8;
    json["node_name"] = g.node_name.empty() ? Json(nullptr) : Json(g.node_name);
    json["node_id"] = g.node_id.empty() ? Json(nullptr) : Json(g.node_id);
    json["note"] = g.note;
    json["max_uses"] = g.max_uses ? Json(*g.max_uses) : Json(nullptr);
    json["uses"] = g.uses;
    if (g.fetch_budget > 0) {
        json["fetch_budget"] = g.fetch_budget;
        json["fetches"] = g.fetches;
    }
    json["created_at"] = rfc3339(g.created_at);
    json["expires_at"] = rfc3339(g.expires_at);
    json["ttl_clamped"] = g.is_clamped;
    json["created_by"] = g.created_by;
    json["revoked_at"] = optional_time(g.revoked_at);
    if (g.revoked_at) json["revoked_by"] = g.revoked_by;
    if (!g.superseded_by.empty()) json["superseded_by"] = g.superseded_by;
    json["used_at"] = optional_time(g.used_at);
    if (g.used_at) json["used_by"] = g.used_by;
    return json;
}

template <class Row, class Fill>
std::string page_json(char const* schema, std::vector<Row> const& rows, int limit, Fill fill) {
    Json json;
    json["schema"] = schema;
    json["data"] = Json::array();
    Json next;
    for (auto const& row : rows) {
        auto object = fill(row);
        next = object["cursor"];
        object.erase("cursor");
        json["data"].push_back(std::move(object));
    }
    bool const is_full = rows.size() >= static_cast<std::size_t>(limit);
    json["meta"]["next_cursor"] = is_full ? next : Json(nullptr);
    return dump(json) + "\n";
}

}  // namespace

std::string grant_json(enrol::GrantRow const& row) {
    return dump(to_object(row)) + "\n";
}

std::string minted_json(enrol::GrantRow const& row, Minting const& minting) {
    auto json = to_object(row);
    json[row.form == "code" ? "code" : "token"] = minting.minted.display;
    json["ca_fingerprint"] = minting.ca_fingerprint;
    json["url"] = minting.url;
    return dump(json) + "\n";
}

std::string grants_json(std::vector<enrol::GrantRow> const& rows, int limit) {
    return page_json("adaos.grants/v1", rows, limit, [](enrol::GrantRow const& row) {
        auto object = to_object(row);
        object.erase("schema");
        object["cursor"] = row.id;
        return object;
    });
}

std::string redemptions_json(std::vector<enrol::Redemption> const& rows, int limit) {
    return page_json("adaos.redemptions/v1", rows, limit, [](enrol::Redemption const& row) {
        Json object;
        object["id"] = row.id;
        object["grant_id"] = row.grant_id;
        object["node_id"] = row.node_id;
        object["at"] = rfc3339(row.at);
        object["source_ip"] = row.source.empty() ? Json(nullptr) : Json(row.source);
        object["cursor"] = row.id;
        return object;
    });
}

std::string audit_json(std::vector<enrol::AuditRow> const& rows, int limit) {
    return page_json("adaos.audit-page/v1", rows, limit, [](enrol::AuditRow const& row) {
        auto object = *parse_json(enrol::to_json(row));
        object.erase("schema");
        object["cursor"] = std::to_string(row.seq);
        return object;
    });
}

Result<enrol::MintOrder> parse_mint_order(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    enrol::MintOrder order;
    auto const kind = enrol::parse_kind(body->text("kind", 16, "member"));
    if (!kind) body->refuse("kind", "member, node, host or bootstrap");
    order.kind = kind.value_or(enrol::Kind::member);
    order.subnet_id = body->text("subnet_id", 16);
    auto const ttl = body->integer("ttl_seconds", 1, max_ttl_seconds, 0);
    if (ttl != 0) order.ttl = std::chrono::seconds(ttl);
    order.is_strict = body->flag("strict", false);
    order.length = static_cast<int>(body->integer("length", 8, 12, 8));
    auto const uses = body->integer("max_uses", 0, 1'000'000, -1);
    if (uses >= 0) order.max_uses = uses;
    order.node_name = std::string(trim(body->text("node_name", 253)));
    order.node_id = body->text("node_id", 36);
    order.arch = body->text("architecture", 16);
    order.claims_json = body->object("claims").source();
    order.note = body->text("note", 256);
    if (auto const fine = body->check(); !fine) return fine.error();
    return order;
}

}  // namespace adaos::api

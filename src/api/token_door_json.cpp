#include "api/token_door.hpp"
#include "base/bytes.hpp"
#include "base/json_body.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"

namespace adaos::api {
namespace {

constexpr std::int64_t max_ttl_seconds = std::int64_t{366} * 24 * 3600;
constexpr std::int64_t max_uses_asked = 1'000'000;
constexpr std::string_view pin_prefix = "sha256:";

Json text_or_null(std::string const& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json to_object(enrol::GrantRow const& row) {
    Json json;
    json["id"] = row.id;
    json["kind"] = row.kind;
    json["subnet_id"] = row.subnet_id;
    json["intended_node_name"] = text_or_null(row.node_name);
    json["expires_at"] = rfc3339(row.expires_at);
    json["ttl_clamped"] = row.is_clamped;
    json["max_uses"] = row.max_uses ? Json(*row.max_uses) : Json(nullptr);
    json["consumption_count"] = row.uses;
    json["created_by_user_id"] = row.created_by;
    json["created_at"] = rfc3339(row.created_at);
    json["state"] = row.state;
    return json;
}

template <class Row, class Fill>
std::string page_of(std::vector<Row> const& rows, int limit, Fill fill) {
    Json json;
    json["data"] = Json::array();
    for (auto const& row : rows) json["data"].push_back(fill(row));
    bool const is_full = !rows.empty() && rows.size() >= static_cast<std::size_t>(limit);
    json["meta"]["next_cursor"] = is_full ? Json(rows.back().id) : Json(nullptr);
    return dump(json) + "\n";
}

Refusal refused(Error const& error) {
    // The body is these users' own: whatever is wrong with it is 400 to them.
    auto const is_field = error.code == Problem::invalid_field;
    return {is_field ? Error(Problem::validation, error.context) : error, 400, "", ""};
}

}  // namespace

std::string refusal_json(Refusal const& refusal) {
    auto parsed = parse_json(net::problem_json(refusal.error));
    auto json = parsed && parsed->is_object() ? std::move(*parsed) : Json::object();
    json["status"] = refusal.status;
    if (!refusal.field.empty()) json["details"]["field"] = refusal.field;
    if (!refusal.forbidden_combination.empty())
        json["details"]["forbidden_combination"] = refusal.forbidden_combination;
    return dump(json) + "\n";
}

ParsedTokenOrder parse_token_order(std::string_view text) {
    ParsedTokenOrder out;
    auto body = JsonBody::parse(text);
    if (!body) {
        out.refusal = refused(body.error());
        return out;
    }
    auto& order = out.order;
    order.kind = enrol::Kind::node;
    auto const ttl = body->integer("ttl_seconds", 1, max_ttl_seconds, 0);
    if (ttl != 0) order.ttl = std::chrono::seconds(ttl);
    order.is_strict = body->flag("strict", false);
    auto const uses = body->integer("max_uses", 1, max_uses_asked, 0);
    order.max_uses = uses;
    order.node_name = std::string(trim(body->text("intended_node_name", 253)));
    order.note = body->text("note", 256);
    order.subnet_id = body->text("subnet_id", 16);
    if (!order.node_name.empty() && !is_node_label(order.node_name))
        body->refuse("intended_node_name", "a lower-case RFC 1123 label");
    if (auto const fine = body->check(); !fine) {
        out.refusal = refused(fine.error());
        return out;
    }
    if (!order.node_name.empty() && uses != 1) {
        out.refusal = Refusal{Error(Problem::validation, "a token for one name has max_uses 1"),
                              400, "max_uses", "intended_node_name, max_uses"};
    }
    return out;
}

std::string token_minted_json(enrol::GrantRow const& row, Minting const& minting) {
    auto json = to_object(row);
    json["token"] = minting.minted.display;
    auto const& pin = minting.ca_fingerprint;
    json["ca_fingerprint_sha256"] =
        pin.starts_with(pin_prefix) ? pin.substr(pin_prefix.size()) : pin;
    json["url"] = minting.url;
    return dump(json) + "\n";
}

std::string join_tokens_json(std::vector<enrol::GrantRow> const& rows, int limit) {
    return page_of(rows, limit, to_object);
}

std::string consumptions_json(std::vector<enrol::Redemption> const& rows, int limit) {
    return page_of(rows, limit, [](enrol::Redemption const& row) {
        Json json;
        json["id"] = row.id;
        json["join_token_id"] = row.grant_id;
        json["consumed_by_node_id"] = row.node_id;
        json["consumed_at"] = rfc3339(row.at);
        json["source_ip"] = text_or_null(row.source);
        return json;
    });
}

}  // namespace adaos::api

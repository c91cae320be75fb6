#include "base/json_body.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "root/link_calls.hpp"

namespace adaos::root {
namespace {

/// Most nodes in one message: 100 rows of 500 bytes are well below a control message's 64 KiB.
constexpr std::int64_t max_page = 100;
/// More than any subnet id has.
constexpr std::size_t max_subnet_bytes = 64;

CodeWish read_code_wish(JsonBody& body) {
    CodeWish out;
    out.ttl = std::chrono::minutes(body.integer("ttl_minutes", 1, 60, 15));
    out.length = static_cast<int>(body.integer("length", 8, 12, 8));
    return out;
}

}  // namespace

Result<CodeWish> parse_code_wish(std::string_view params) {
    auto body = JsonBody::parse(params);
    if (!body) return body.error();
    auto const out = read_code_wish(*body);
    if (auto const fine = body->check(); !fine) return fine.error();
    return out;
}

Result<CodeOrder> parse_code_order(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    CodeOrder out{body->text("subnet_id", max_subnet_bytes), read_code_wish(*body)};
    if (!is_subnet_id(out.subnet_id)) body->refuse("subnet_id", "whose members the code lets in");
    if (out.code.length % 2 != 0) body->refuse("length", "8, 10 or 12 are allowed");
    if (auto const fine = body->check(); !fine) return fine.error();
    return out;
}

std::string code_json(enrol::Minted const& minted, std::string const& subnet_id,
                      RootFacts const& facts) {
    Json json;
    json["ok"] = true;
    json["mode"] = "root";
    json["code"] = minted.display;
    json["subnet_id"] = subnet_id;
    json["root_url"] = facts.public_url;
    json["expires_at_utc"] = rfc3339(minted.expires_at);
    json["ca_fingerprint"] = facts.tls_pin;
    json["grant_id"] = minted.id;
    return dump(json) + "\n";
}

std::string code_answer(enrol::Minted const& minted, RootFacts const& facts) {
    Json json;
    json["code"] = minted.display;
    json["grant_id"] = minted.id;
    json["expires_at_utc"] = rfc3339(minted.expires_at);
    json["root_url"] = facts.public_url;
    json["ca_fingerprint"] = facts.tls_pin;
    return dump(json);
}

Result<NodesWish> parse_nodes_wish(std::string_view params) {
    auto body = JsonBody::parse(params);
    if (!body) return body.error();
    NodesWish out;
    out.since = from_millis(body->integer("since_ms", 0, INT64_MAX, 0));
    out.limit = static_cast<int>(body->integer("limit", 1, max_page, max_page));
    if (auto const fine = body->check(); !fine) return fine.error();
    return out;
}

Result<std::vector<std::string>> parse_arrived(std::string_view params) {
    auto body = JsonBody::parse(params);
    if (!body) return body.error();
    auto ids = body->texts("node_ids", max_page, 36);
    if (auto const fine = body->check(); !fine) return fine.error();
    return ids;
}

std::string nodes_answer(std::vector<registry::Node> const& nodes) {
    return "{\"nodes\":" + registry::to_json(nodes) + "}";
}

}  // namespace adaos::root

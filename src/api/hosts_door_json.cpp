#include "api/hosts_door.hpp"
#include "api/redeem_id.hpp"
#include "base/bytes.hpp"
#include "base/json_body.hpp"
#include "base/problem.hpp"
#include "pki/request.hpp"

namespace adaos::api {
namespace {

constexpr std::size_t max_token = 128;
constexpr std::size_t longest_hostname = 255;  // RFC 1035
constexpr std::size_t max_payout = 256;
constexpr std::int64_t max_ttl_hours = std::int64_t{366} * 24;

std::string payout_claim(std::string const& key) {
    if (key.empty()) return {};
    Json json;
    json["payout_pubkey"] = key;
    return dump(json);
}

void add_endpoint(Json& json, HostSettings const& settings) {
    json["cp_wg_public_key"] =
        settings.cp_wg_public_key.empty() ? Json(nullptr) : Json(settings.cp_wg_public_key);
    json["cp_endpoint"] = settings.cp_endpoint.empty() ? Json(nullptr) : Json(settings.cp_endpoint);
}

Json or_null(std::string const& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

}  // namespace

Result<InviteWish> parse_invite_wish(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    InviteWish wish;
    wish.order.kind = enrol::Kind::host;
    auto const hours = body->integer("ttl_hours", 1, max_ttl_hours, 0);
    if (hours != 0) wish.order.ttl = std::chrono::hours(hours);
    wish.order.note = body->text("note", 256);
    wish.order.subnet_id = body->text("subnet_id", 16);
    wish.order.is_strict = body->flag("strict", false);
    wish.payout_pubkey = std::string(trim(body->text("payout_pubkey", max_payout)));
    wish.order.claims_json = payout_claim(wish.payout_pubkey);
    wish.overlay_address = body->text("overlay_address", 16);
    if (!wish.overlay_address.empty() && wish.overlay_address != "auto" &&
        !enrol::parse_ipv4(wish.overlay_address))
        body->refuse("overlay_address", "auto, or like 10.77.0.42");
    if (auto const fine = body->check(); !fine) return fine.error();
    return wish;
}

std::string alloc_with_address(std::string const& address) {
    Json json;
    json["overlay_address"] = address;
    return dump(json);
}

std::string address_of_alloc(std::string const& alloc_json) {
    if (alloc_json.empty()) return {};
    auto const json = parse_json(alloc_json);
    return json ? string_or_empty(*json, "overlay_address") : std::string();
}

std::string invite_json(MintedInvite const& invite, HostSettings const& settings) {
    Json json;
    json["schema"] = "adaos.host-invite/v1";
    json["id"] = invite.minted.id;
    json["token"] = invite.minted.secret.reveal();
    json["expires_at"] = rfc3339(invite.minted.expires_at);
    json["ttl_clamped"] = invite.minted.is_clamped;
    json["note"] = invite.note;
    json["overlay_address"] = or_null(invite.overlay_address);
    add_endpoint(json, settings);
    json["url"] = invite.url;
    json["ca_fingerprint"] = invite.ca_fingerprint;
    return dump(json) + "\n";
}

std::string invites_json(std::vector<enrol::GrantRow> const& rows, int limit) {
    Json json;
    json["schema"] = "adaos.host-invites/v1";
    json["invites"] = Json::array();
    for (auto const& row : rows) {
        Json one;
        one["id"] = row.id;
        one["state"] = row.state;
        one["note"] = row.note;
        one["subnet_id"] = row.subnet_id;
        one["overlay_address"] = or_null(address_of_alloc(row.alloc_json));
        one["created_at"] = rfc3339(row.created_at);
        one["expires_at"] = rfc3339(row.expires_at);
        one["created_by"] = row.created_by;
        one["host_id"] = or_null(row.used_by);
        json["invites"].push_back(std::move(one));
    }
    bool const is_full = !rows.empty() && rows.size() >= static_cast<std::size_t>(limit);
    json["meta"]["next_cursor"] = is_full ? Json(rows.back().id) : Json(nullptr);
    return dump(json) + "\n";
}

Result<HostRequest> parse_host_request(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    HostRequest out;
    auto& order = out.order;
    order.kind = enrol::Kind::host;
    order.secret = Secret(std::string(trim(body->text("token", max_token))));
    order.hostname = body->text("hostname", longest_hostname);
    order.arch = body->text("architecture", 16);
    order.csr_pem = body->text("csr_pem", pki::max_request_pem_bytes);
    order.attempt_id = read_redeem_id(*body);
    order.claims_json = payout_claim(std::string(trim(body->text("payout_pubkey", max_payout))));
    out.wg_public_key = body->text("wg_public_key", 64);
    if (order.secret.empty()) body->refuse("token", "the invite");
    if (order.hostname.empty()) body->refuse("hostname", "this machine's");
    if (order.arch != "amd64" && order.arch != "arm64")
        body->refuse("architecture", "amd64 or arm64");
    if (order.csr_pem.empty()) body->refuse("csr_pem", "a PKCS#10 request is needed");
    if (!out.wg_public_key.empty() && !enrol::is_wg_key(out.wg_public_key))
        body->refuse("wg_public_key", "base64 of a key of 32 bytes");
    if (auto const fine = body->check(); !fine) return fine.error();
    return out;
}

std::string host_answer(AdmittedHost const& host, HostSettings const& settings) {
    Json json;
    json["host_id"] = host.done.node.node_id;
    json["node_name"] = host.done.node.name;
    json["subnet_id"] = host.done.node.subnet_id;
    json["cert_pem"] = host.done.certificate_pem;
    json["ca_pem"] = host.anchors_pem;
    json["overlay_address"] = or_null(host.overlay_address);
    add_endpoint(json, settings);
    json["binary_digest"] =
        host.binary_digest.empty() ? Json(nullptr) : Json("sha256:" + host.binary_digest);
    json["replayed"] = host.done.replayed;
    return dump(json) + "\n";
}

std::string hosts_json(std::vector<ShownHost> const& hosts, int limit, WallTime now) {
    Json json;
    json["schema"] = "adaos.hosts/v1";
    json["hosts"] = Json::array();
    for (auto const& host : hosts) {
        auto const words = registry::words(host.axes, now);
        if (!words.present) continue;
        Json one;
        one["hostname"] = host.node.hostname;
        one["host_id"] = host.node.node_id;
        one["name"] = host.node.name;
        one["subnet_id"] = host.node.subnet_id;
        one["state"] = words.row;
        one["architecture"] = or_null(host.node.inventory.architecture);
        one["overlay_address"] = host.peer ? Json(host.peer->overlay_address) : Json(nullptr);
        one["wg_public_key"] = host.peer ? or_null(host.peer->wg_public_key) : Json(nullptr);
        auto const seen = host.node.last_seen_at;
        one["last_heartbeat_at"] = seen ? Json(rfc3339(*seen)) : Json(nullptr);
        one["created_at"] = rfc3339(host.node.created_at);
        json["hosts"].push_back(std::move(one));
    }
    bool const is_full = !hosts.empty() && hosts.size() >= static_cast<std::size_t>(limit);
    json["meta"]["next_cursor"] = is_full ? Json(hosts.back().node.node_id) : Json(nullptr);
    return dump(json) + "\n";
}

Result<PeerWish> parse_peer_wish(std::string_view text) {
    auto body = JsonBody::parse(text);
    if (!body) return body.error();
    PeerWish wish{body->text("wg_public_key", 64), body->text("overlay_address", 16)};
    if (!enrol::is_wg_key(wish.wg_public_key))
        body->refuse("wg_public_key", "base64 of a key of 32 bytes");
    if (!wish.overlay_address.empty() && !enrol::parse_ipv4(wish.overlay_address))
        body->refuse("overlay_address", "like 10.77.0.42");
    if (auto const fine = body->check(); !fine) return fine.error();
    return wish;
}

std::string peer_json(enrol::Peer const& peer) {
    Json json;
    json["host_id"] = peer.node_id;
    json["overlay_address"] = peer.overlay_address;
    json["wg_public_key"] = or_null(peer.wg_public_key);
    json["added_by"] = peer.added_by;
    return dump(json) + "\n";
}

}  // namespace adaos::api

#include "base/json.hpp"
#include "base/problem.hpp"
#include "node/grant_text.hpp"
#include "node/host_commands.hpp"
#include "node/table.hpp"

namespace adaos::node {
namespace {

Error not_about_hosts() {
    return Error(Problem::bad_answer, "the answer is not about hosts");
}

std::string shown(Json const& object, char const* key) {
    auto text = string_or_empty(object, key);
    return text.empty() ? "-" : text;
}

Result<Json> list_in(std::string_view body, char const* key) {
    auto json = parse_json(body);
    if (!json || !json->is_object() || !json->contains(key) || !(*json)[key].is_array())
        return not_about_hosts();
    return json;
}

std::string cursor_line(Json const& page) {
    if (!page.contains("meta")) return {};
    auto const next = string_or_empty(page["meta"], "next_cursor");
    return next.empty() ? std::string() : "next_cursor: " + next + '\n';
}

}  // namespace

std::string host_invite_order(HostInviteOptions const& options) {
    Json json;
    json["ttl_hours"] = options.ttl_hours;
    if (options.note) json["note"] = *options.note;
    if (options.payout_pubkey) json["payout_pubkey"] = *options.payout_pubkey;
    if (options.wg_ip) json["overlay_address"] = *options.wg_ip;
    if (options.target.subnet) json["subnet_id"] = *options.target.subnet;
    return dump(json);
}

Result<std::string> host_invite_text(std::string_view body) {
    auto const invite = parse_json(body);
    if (!invite || !invite->is_object() || string_or_empty(*invite, "token").empty())
        return not_about_hosts();
    Table table;
    table.add({"overlay address:", shown(*invite, "overlay_address")});
    table.add({"control plane's WireGuard key:", shown(*invite, "cp_wg_public_key")});
    table.add({"control plane's endpoint:", shown(*invite, "cp_endpoint")});
    table.add({"register at:", shown(*invite, "url")});
    table.add({"CA fingerprint:", shown(*invite, "ca_fingerprint")});
    table.add({"expires:", shown(*invite, "expires_at")});
    auto out = "Host invite " + string_or_empty(*invite, "id") + "\n\n    " +
               string_or_empty(*invite, "token") +
               "\n\nSave it now: only a hash is stored, and it is not shown again. It lets one "
               "machine in, once.\n\n" +
               table.text();
    if (find_bool(*invite, "ttl_clamped").value_or(false))
        out += "The life that was asked for is outside the limits: 1 hour to 7 days.\n";
    return out;
}

Result<std::string> host_invites_table(std::string_view body, WallTime now) {
    auto const page = list_in(body, "invites");
    if (!page) return page.error();
    Table table;
    table.add({"ID", "STATE", "OVERLAY-ADDRESS", "TTL-REMAINING", "HOST-ID", "NOTE"});
    for (auto const& invite : (*page)["invites"]) {
        auto const end = parse_rfc3339(string_or_empty(invite, "expires_at"));
        table.add({shown(invite, "id"), shown(invite, "state"), shown(invite, "overlay_address"),
                   remaining_text(end - now), shown(invite, "host_id"), shown(invite, "note")});
    }
    return table.text() + cursor_line(*page);
}

Result<std::string> hosts_table(std::string_view body) {
    auto const page = list_in(body, "hosts");
    if (!page) return page.error();
    Table table;
    table.add({"HOSTNAME", "HOST-ID", "STATE", "OVERLAY-ADDRESS", "WG-PUBLIC-KEY"});
    for (auto const& host : (*page)["hosts"])
        table.add({shown(host, "hostname"), shown(host, "host_id"), shown(host, "state"),
                   shown(host, "overlay_address"), shown(host, "wg_public_key")});
    return table.text() + cursor_line(*page);
}

Result<std::string> node_id_in(std::string_view body) {
    auto const node = parse_json(body);
    auto id = node && node->is_object() ? string_or_empty(*node, "id") : std::string();
    if (id.empty()) return Error(Problem::bad_answer, "the answer is not about a node");
    return id;
}

Result<std::string> bootstrap_text(std::string_view body, std::string_view mode) {
    auto const answer = parse_json(body);
    auto const* const key = mode == "cloud-init" ? "user_data" : "script";
    auto text = answer && answer->is_object() ? string_or_empty(*answer, key) : std::string();
    if (text.empty()) return Error(Problem::bad_answer, "there is no script in the answer");
    return text;
}

}  // namespace adaos::node

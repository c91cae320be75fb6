#pragma once
/// The commands about hosts and new nodes: `host invite create|list|revoke`, `host list`, `node
/// bootstrap-script`. Each asks the running hub, or with --server another hub or a Root.

#include "node/ask_hub.hpp"

namespace adaos::node {

struct HostInviteOptions {
    SubnetTarget target;
    int ttl_hours = 24;
    std::optional<std::string> note, payout_pubkey, wg_ip;
    std::string output = "text";
};
[[nodiscard]] int command_host_invite_create(Context& context, HostInviteOptions const& options);

struct HostListOptions {
    SubnetTarget target;
    bool include_expired = false;  ///< of invites
    int limit = 20;
    std::optional<std::string> cursor;
    std::string output = "table";
};
[[nodiscard]] int command_host_invite_list(Context& context, HostListOptions const& options);
[[nodiscard]] int command_host_list(Context& context, HostListOptions const& options);

struct HostInviteId {
    SubnetTarget target;
    std::string id;
    std::string output = "text";
};
[[nodiscard]] int command_host_invite_revoke(Context& context, HostInviteId const& options);

struct BootstrapScriptOptions {
    SubnetTarget target;
    std::string node;  ///< name or id
    std::string mode = "manual";
    std::string format = "sh";
};
[[nodiscard]] int command_node_bootstrap_script(Context& context,
                                                BootstrapScriptOptions const& options);

// What they send and print. Pure; host_text_json.cpp. Errors: bad_answer.
[[nodiscard]] std::string host_invite_order(HostInviteOptions const& options);
/// Token, address, and what the provider needs for the tunnel.
[[nodiscard]] Result<std::string> host_invite_text(std::string_view body);
/// ID, STATE, OVERLAY-ADDRESS, TTL-REMAINING, HOST-ID, NOTE.
[[nodiscard]] Result<std::string> host_invites_table(std::string_view body, WallTime now);
/// HOSTNAME, HOST-ID, STATE, OVERLAY-ADDRESS, WG-PUBLIC-KEY.
[[nodiscard]] Result<std::string> hosts_table(std::string_view body);
/// The node's id in the answer to GET /v1/nodes/<name>.
[[nodiscard]] Result<std::string> node_id_in(std::string_view body);
/// The script, or with mode cloud-init the user data, and nothing else.
[[nodiscard]] Result<std::string> bootstrap_text(std::string_view body, std::string_view mode);

}  // namespace adaos::node

#pragma once
/// Machines of other people, let in by invite: `/api/v1/admin/host-invites…`,
/// `/api/v1/hosts/register`, `/api/v1/admin/hosts…`, `/dist/…`. The same at Root and at a hub.
/// docs/protocol/join.md, "Hosts".

#include "api/machine_desk.hpp"
#include "api/router.hpp"

#include <map>
#include <vector>

namespace adaos::api {

class HostsDoor {
public:
    explicit HostsDoor(MachineDesk& desk) : desk_(desk) {}
    void add_routes(Router& router);
    /// Tells the tunnel what it does not know yet, now and every half minute: what failed before,
    /// and who is no longer there. Until it is cancelled.
    net::Task<void> keep_tunnel(net::Timers& timers);

private:
    net::Task<void> invite(net::Exchange& exchange);
    net::Task<void> invites(net::Exchange& exchange);
    net::Task<void> revoke(net::Exchange& exchange, std::string id);
    net::Task<void> enter(net::Exchange& exchange);
    net::Task<Result<std::string>> let_in(std::string body, std::string source);
    net::Task<void> hosts(net::Exchange& exchange);
    net::Task<void> put_peer(net::Exchange& exchange, std::string host_id);
    net::Task<void> hand_out(net::Exchange& exchange, std::string name);
    net::Task<std::string> digest_of_agent(std::string architecture);
    /// The tunnel learns of it; a failure is logged, once for each cause, and repeated later.
    net::Task<void> tell_tunnel();

    MachineDesk& desk_;
    std::string tunnel_cause_;  ///< why it is behind; empty: it is not
};

/// The body of an invite: ttl_hours, note, payout_pubkey, overlay_address, subnet_id. Errors:
/// bad_request, invalid_field.
struct InviteWish {
    enrol::MintOrder order;       ///< with claims_json
    std::string overlay_address;  ///< empty: none is reserved
    std::string payout_pubkey;
};
[[nodiscard]] Result<InviteWish> parse_invite_wish(std::string_view body);
[[nodiscard]] std::string alloc_with_address(std::string const& address);
/// What is reserved; empty: nothing.
[[nodiscard]] std::string address_of_alloc(std::string const& alloc_json);

struct MintedInvite {
    enrol::Minted const& minted;
    std::string overlay_address, note, url, ca_fingerprint;
};
[[nodiscard]] std::string invite_json(MintedInvite const& invite, HostSettings const& settings);
[[nodiscard]] std::string invites_json(std::vector<enrol::GrantRow> const& rows, int limit);

/// The body of a registration: token, hostname, architecture, csr_pem, wg_public_key,
/// payout_pubkey, redeem_id. Errors: bad_request, invalid_field.
struct HostRequest {
    enrol::RedeemOrder order;
    std::string wg_public_key;
};
[[nodiscard]] Result<HostRequest> parse_host_request(std::string_view body);
/// Along with a host's redemption: its overlay address, and its key if it has told one.
[[nodiscard]] enrol::AlongRedeem settle_overlay(MachineDesk const& desk, std::string wg_public_key);
struct AdmittedHost {
    enrol::Redeemed const& done;
    std::string overlay_address, anchors_pem, binary_digest;
};
[[nodiscard]] std::string host_answer(AdmittedHost const& host, HostSettings const& settings);

struct ShownHost {
    registry::Node node;
    registry::Axes axes;
    std::optional<enrol::Peer> peer;
};
[[nodiscard]] std::string hosts_json(std::vector<ShownHost> const& hosts, int limit, WallTime now);

struct PeerWish {
    std::string wg_public_key, overlay_address;
};
[[nodiscard]] Result<PeerWish> parse_peer_wish(std::string_view body);
[[nodiscard]] std::string peer_json(enrol::Peer const& peer);

}  // namespace adaos::api

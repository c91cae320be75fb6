#include "base/problem.hpp"

#include <boost/system/errc.hpp>

#include <array>
#include <string>

namespace adaos {
namespace {

using P = Problem;

// Exit codes: docs/reference/exit-codes.md. HTTP statuses: RFC 9110, 6585 (431), 4918 (507).
constexpr std::array table{
    ProblemInfo{
        P::code_unknown, "ADAOS-J001", "code-unknown", 404, 10, "no such join code here",
        "Check the code and the --root address; codes made with --local belong to their hub. "
        "Make a new one on the hub: adaos hub join-code create"},
    ProblemInfo{P::code_blank, "ADAOS-J002", "code-blank", 422, 2, "the join code is empty",
                "Give the code that the hub printed"},
    ProblemInfo{P::code_malformed, "ADAOS-J003", "code-malformed", 422, 10,
                "this is not a join code",
                "A code has 8, 10 or 12 of the letters A-Z without I and O and the digits 2-9"},
    ProblemInfo{P::code_expired, "ADAOS-J004", "code-expired", 410, 11, "the join code has expired",
                "Make a new one on the hub: adaos hub join-code create"},
    ProblemInfo{
        P::code_used, "ADAOS-J005", "code-used", 409, 12, "the join code was already used",
        "A code lets one machine in. Make a new one on the hub: adaos hub join-code create"},
    ProblemInfo{P::code_throttled, "ADAOS-J006", "code-throttled", 429, 13,
                "too many wrong join codes", "Wait for the time in Retry-After, then try again"},
    ProblemInfo{P::join_needs_proof, "ADAOS-J007", "join-needs-proof", 403, 20,
                "a join code is not sent over an unproved connection",
                "Use https, or adaos node join, which proves a code without sending it"},
    ProblemInfo{P::join_conflict, "ADAOS-J008", "join-conflict", 409, 41,
                "this machine already belongs to another subnet, or is another node",
                "Use another base directory (ADAOS_BASE_DIR) or key, or remove that node first"},
    ProblemInfo{P::not_a_hub, "ADAOS-J009", "not-a-hub", 403, 2, "this node is not a hub",
                "Run the command on the subnet's hub"},
    ProblemInfo{P::not_joined, "ADAOS-J010", "not-joined", 403, 3,
                "this node has no identity from an authority yet",
                "Register the hub (adaos dev root init) or join a subnet (adaos node join)"},
    ProblemInfo{P::root_token_wrong, "ADAOS-J011", "root-token-wrong", 401, 20,
                "Root did not accept the root token",
                "Use the token in the file that adaos-root serve names when it starts"},
    ProblemInfo{P::bootstrap_token_wrong, "ADAOS-J012", "bootstrap-token-wrong", 401, 10,
                "the bootstrap token is unknown, used or expired",
                "Run adaos dev root init again; it asks for a new one"},
    ProblemInfo{P::subnet_taken, "ADAOS-J013", "subnet-taken", 409, 41,
                "this subnet id belongs to another hub",
                "Leave --subnet-id out and Root will choose a free one"},
    ProblemInfo{
        P::csr_refused, "ADAOS-J014", "csr-refused", 400, 1, "the certificate request was refused",
        "Send a PKCS#10 request signed by a P-256, P-384 or RSA (2048 bits or more) key; it "
        "asks for no CA's rights"},
    ProblemInfo{P::proof_failed, "ADAOS-J015", "proof-failed", 403, 10,
                "the join code is wrong, or someone is between the two machines",
                "Check the code and the address. If both are right, join over another network: "
                "nothing that this machine sent tells the code"},
    ProblemInfo{P::token_unknown, "ADAOS-J016", "token-unknown", 401, 10, "no such token here",
                "Check that the whole token was copied, and that this is the server that made it"},
    ProblemInfo{P::token_refused, "ADAOS-J017", "token-refused", 401, 10,
                "the join token was not accepted",
                "It is unknown, expired, revoked or used up; adaos node join-token list tells, "
                "and adaos node join-token create makes a new one"},
    ProblemInfo{P::grant_expired, "ADAOS-J018", "grant-expired", 410, 11, "the token has expired",
                "Make a new one where this one was made"},
    ProblemInfo{P::grant_spent, "ADAOS-J019", "grant-spent", 409, 12, "invite already used",
                "Every use of this token is spent. Make a new one where this one was made"},
    ProblemInfo{P::grant_revoked, "ADAOS-J020", "grant-revoked", 410, 12,
                "the code or token was revoked", "Make a new one where this one was made"},
    ProblemInfo{P::grant_bound, "ADAOS-J021", "grant-bound", 403, 10,
                "the token is for another node",
                "Use the name it was made for, or make one for this node; it was not used up"},
    ProblemInfo{P::claim_mismatch, "ADAOS-J022", "claim-mismatch", 403, 10,
                "the invite was made for other claims",
                "Give the claims it was made with (a payout key, for one); it was not used up"},
    ProblemInfo{P::name_taken, "ADAOS-J023", "name-taken", 409, 41,
                "another machine has this node name",
                "Choose another name, remove that node, or make a token bound to the name"},
    ProblemInfo{P::attempt_conflict, "ADAOS-J024", "attempt-conflict", 409, 41,
                "this attempt was made before with other content",
                "Begin a new attempt: a fresh redeem_id"},
    ProblemInfo{P::grant_ended, "ADAOS-J025", "grant-ended", 409, 41,
                "there is nothing left to revoke",
                "It has expired or every use is spent; adaos enrol show tells which"},
    ProblemInfo{
        P::code_burned, "ADAOS-J026", "code-burned", 410, 13,
        "too many wrong tries at codes that begin like this one",
        "Compare the code with what the hub printed. If its beginning is right, it is burned: make "
        "a new one on the hub: adaos hub join-code create"},
    ProblemInfo{
        P::pin_mismatch, "ADAOS-T001", "pin-mismatch", 502, 20,
        "the server's CA is not the one that was pinned",
        "Compare with adaos-root ca fingerprint on the server; if it differs, someone is in "
        "between"},
    ProblemInfo{P::peer_untrusted, "ADAOS-T002", "peer-untrusted", 502, 20,
                "the other side's certificate is not trusted",
                "Give the pin with --ca-fingerprint (adaos-root ca fingerprint prints it)"},
    ProblemInfo{P::clock_wrong, "ADAOS-T003", "clock-wrong", 400, 21,
                "the clocks of the two machines differ too much", "Set this machine's clock"},
    ProblemInfo{P::duplicate_identity, "ADAOS-T004", "duplicate-identity", 409, 22,
                "another machine uses this node's identity",
                "Stop one of the two, or give the copy a new base directory"},
    ProblemInfo{P::node_removed, "ADAOS-T005", "node-removed", 403, 41,
                "this node was removed by its upstream",
                "A member joins again with a fresh code (adaos node join); a hub registers again "
                "(adaos dev root init)"},
    ProblemInfo{P::certificate_too_old, "ADAOS-T006", "certificate-too-old", 410, 20,
                "this node's certificate ended too long ago to be renewed",
                "Join again with a fresh code (adaos node join); a hub registers again (adaos dev "
                "root init)"},
    ProblemInfo{P::unreachable, "ADAOS-U001", "unreachable", 502, 30,
                "the other side cannot be reached",
                "Check the address, that the server runs, and the network between"},
    ProblemInfo{P::timed_out, "ADAOS-U002", "timed-out", 504, 31, "no answer in time",
                "Try again; a longer --timeout helps on a slow network"},
    ProblemInfo{P::bad_answer, "ADAOS-U003", "bad-answer", 502, 1,
                "the other side gave an answer that makes no sense",
                "Check that the address is an adaos Root or hub of a compatible version"},
    ProblemInfo{P::no_join_endpoint, "ADAOS-U004", "no-join-endpoint", 502, 30,
                "there is no join door at this address",
                "Check --root: it is the address of a Root, or of a hub with its port (8777)"},
    ProblemInfo{P::not_adaos, "ADAOS-U005", "not-adaos", 502, 30,
                "something that is no Root and no hub answered in between",
                "Check the address, and the proxies and gateways on the way there"},
    ProblemInfo{P::subnet_unknown, "ADAOS-R001", "subnet-unknown", 404, 3,
                "no such subnet at this Root", "Check the subnet id in the address"},
    ProblemInfo{P::hub_offline, "ADAOS-R002", "hub-offline", 503, 5, "the hub is offline",
                "Start the hub (adaos api serve) or check its network; it reconnects by itself"},
    ProblemInfo{P::node_unknown, "ADAOS-R003", "node-unknown", 404, 3,
                "no such node in this subnet", "See adaos node members on the hub"},
    ProblemInfo{P::node_offline, "ADAOS-R004", "node-offline", 503, 5, "the node is offline",
                "Start it (adaos api serve) or check its network; it reconnects by itself"},
    ProblemInfo{P::link_lost, "ADAOS-R005", "link-lost", 502, 30, "the link was lost",
                "Wait: it is made again by itself. Repeat a request only if that does no harm"},
    ProblemInfo{P::upstream_refused, "ADAOS-R006", "upstream-refused", 502, 30,
                "the service refused the connection", "Start the service on the node"},
    ProblemInfo{P::upstream_slow, "ADAOS-R007", "upstream-slow", 504, 31,
                "the node gave no answer in time", "Look at the node's log; try again"},
    ProblemInfo{P::upstream_broken, "ADAOS-R008", "upstream-broken", 502, 1,
                "the node's answer was not valid HTTP", "Look at the node's log"},
    ProblemInfo{P::relay_busy, "ADAOS-R009", "relay-busy", 503, 4,
                "too many requests are under way on this link", "Try again in a moment"},
    ProblemInfo{P::link_refused, "ADAOS-R010", "link-refused", 403, 41,
                "the other end refused the link",
                "Its reason is in the message: a removed node joins again with a fresh code"},
    ProblemInfo{P::node_busy, "ADAOS-R011", "node-busy", 409, 41, "there is work on this node",
                "Drain it and wait, or repeat with --force: what is under way then breaks off"},
    ProblemInfo{P::node_state, "ADAOS-R012", "node-state", 409, 41,
                "the node's state does not allow this",
                "See adaos node get for its provisioning and its cause"},
    ProblemInfo{P::architecture_mismatch, "ADAOS-R013", "architecture-mismatch", 409, 41,
                "the node reports another architecture than the one it is registered with",
                "A machine of another kind is another node: remove this one and join it anew"},
    ProblemInfo{P::node_gone, "ADAOS-R014", "node-gone", 409, 41,
                "this node was removed from the registry", "Join again with a fresh code"},
    ProblemInfo{P::service_unknown, "ADAOS-R015", "service-unknown", 404, 3,
                "no such service on this node",
                "See adaos service list on the node; adaos service add makes one"},
    ProblemInfo{P::service_is_tcp, "ADAOS-R016", "service-is-tcp", 426, 1,
                "this service speaks TCP, not HTTP", "Reach it with adaos connect NODE NAME"},
    ProblemInfo{P::service_taken, "ADAOS-R017", "service-taken", 409, 41,
                "a service of this name is there with another target",
                "Remove it first (adaos service remove NAME), or choose another name"},
    ProblemInfo{P::services_full, "ADAOS-R018", "services-full", 409, 41,
                "this node has as many services as it may have", "Remove one that is not needed"},
    ProblemInfo{P::service_is_http, "ADAOS-R019", "service-is-http", 400, 2,
                "this service speaks HTTP, not TCP",
                "Open its address, with a token if it wants one"},
    ProblemInfo{P::unauthorized, "ADAOS-A001", "unauthorized", 401, 40, "a valid token is needed",
                "Send Authorization: Bearer with a token from adaos access create"},
    ProblemInfo{P::forbidden, "ADAOS-A002", "forbidden", 403, 40,
                "the token's scope does not allow this",
                "Use a token with a wider --scope (view, developer, operate, admin)"},
    ProblemInfo{P::local_only, "ADAOS-A003", "local-only", 403, 40,
                "this is answered only on the node's own loopback address",
                "Run the command on the node itself"},
    ProblemInfo{P::bad_request, "ADAOS-B001", "bad-request", 400, 2,
                "the request is not valid HTTP or has an ambiguous form", "Correct the request"},
    ProblemInfo{P::not_found, "ADAOS-B002", "not-found", 404, 3,
                "there is nothing under this path or id",
                "Check the path, or the id with the command that lists them"},
    ProblemInfo{P::method_not_allowed, "ADAOS-B003", "method-not-allowed", 405, 2,
                "this path does not take that method", "See the Allow header"},
    ProblemInfo{P::body_too_large, "ADAOS-B004", "body-too-large", 413, 2,
                "the request's body is too large", "Send a smaller body"},
    ProblemInfo{P::head_too_large, "ADAOS-B005", "head-too-large", 431, 2,
                "the request's head is too large", "Send fewer or shorter header fields"},
    ProblemInfo{P::media_type, "ADAOS-B006", "media-type", 415, 2,
                "this route takes application/json", "Send Content-Type: application/json"},
    ProblemInfo{P::invalid_field, "ADAOS-B007", "invalid-field", 422, 2,
                "a field of the request has a value that is not allowed",
                "Correct the field that detail names"},
    ProblemInfo{P::validation, "ADAOS-B008", "validation-failed", 400, 2,
                "something in the request is not allowed here", "Correct what detail names"},
    ProblemInfo{P::config_broken, "ADAOS-S001", "config-broken", 500, 78,
                "node.yaml cannot be read",
                "Correct it (the broken copy is node.yaml.invalid) or restore it from a backup"},
    ProblemInfo{P::config_invalid, "ADAOS-S002", "config-invalid", 500, 78,
                "a value in the configuration is not allowed",
                "Correct the key or the option that is named"},
    ProblemInfo{P::state_unreadable, "ADAOS-S003", "state-unreadable", 500, 1,
                "a state file cannot be read or written",
                "Check the base directory's owner, mode and disk"},
    ProblemInfo{P::state_damaged, "ADAOS-S004", "state-damaged", 500, 78, "a state file is damaged",
                "Restore the file that is named from a backup"},
    ProblemInfo{P::state_too_new, "ADAOS-S005", "state-too-new", 500, 42,
                "the state was written by a newer version", "Run that version or a later one"},
    ProblemInfo{P::disk_full, "ADAOS-S006", "disk-full", 507, 1, "the disk is full",
                "Free some space and try again; nothing was lost"},
    ProblemInfo{P::port_in_use, "ADAOS-S007", "port-in-use", 500, 41,
                "the port is in use by another program",
                "Stop that program or choose another --port (0 takes a free one)"},
    ProblemInfo{P::permission, "ADAOS-S008", "permission", 500, 40, "permission denied",
                "Run as the owner of the base directory"},
    ProblemInfo{P::already_running, "ADAOS-S009", "already-running", 409, 41,
                "this base directory is in use by a running server",
                "Stop it first, or use another base directory (ADAOS_BASE_DIR)"},
    ProblemInfo{P::folder_busy, "ADAOS-S010", "folder-busy", 409, 41,
                "another adaos command works in this base directory",
                "Wait for it to end, then try again"},
    ProblemInfo{P::node_not_running, "ADAOS-N001", "node-not-running", 503, 3,
                "the node is not running on this machine", "Start it: adaos api serve"},
    ProblemInfo{P::not_ready, "ADAOS-N002", "not-ready", 503, 5, "the node is not ready yet",
                "See adaos node status for the cause"},
    ProblemInfo{P::draining, "ADAOS-N003", "draining", 503, 5, "the server is stopping",
                "Try again in a moment"},
    ProblemInfo{P::usage, "ADAOS-N004", "usage", 400, 2, "the command was not understood",
                "See --help"},
    ProblemInfo{P::invalid_option, "ADAOS-N005", "invalid-option", 400, 2,
                "an option has a value that is not allowed",
                "Correct the option that is named; --help tells what it takes"},
    ProblemInfo{P::incomplete_install, "ADAOS-N006", "incomplete-install", 500, 1,
                "a program that belongs to adaos is missing",
                "Install adaos and adaos-root into the same folder"},
    ProblemInfo{P::output_lost, "ADAOS-N007", "output-lost", 500, 1,
                "the result could not be written to standard output",
                "Check where the output goes. What was asked for may have been done: look before "
                "you repeat it"},
    ProblemInfo{P::interrupted, "ADAOS-N008", "interrupted", 500, 1, "interrupted before the end",
                "Run it again"},
    ProblemInfo{P::secret_unreadable, "ADAOS-N009", "secret-unreadable", 400, 2,
                "a code or token could not be read",
                "Give it as file:PATH, env:NAME, - (the first line of standard input) or prompt "
                "(asked for, not shown), and see that it is there and not empty"},
    ProblemInfo{P::internal, "ADAOS-X001", "internal", 500, 1, "an unexpected failure",
                "Look at the log; please report it with the request id"},
};
static_assert(table.size() == static_cast<std::size_t>(P::internal));

class Category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "adaos"; }
    std::string message(int value) const override {
        if (value < 1 || static_cast<std::size_t>(value) > table.size()) return "unknown problem";
        return std::string(table[static_cast<std::size_t>(value) - 1].title);
    }
};

Category const& category() noexcept {
    static Category const instance;
    return instance;
}

ProblemInfo const& row(Problem p) noexcept {
    return table[static_cast<std::size_t>(p) - 1];
}

}  // namespace

std::span<ProblemInfo const> problems() noexcept {
    return table;
}

ProblemInfo const& describe(boost::system::error_code const& code) noexcept {
    namespace errc = boost::system::errc;
    if (code.category() == category()) {
        auto const value = static_cast<std::size_t>(code.value());
        return value >= 1 && value <= table.size() ? table[value - 1] : row(P::internal);
    }
    if (code == errc::connection_refused || code == errc::network_unreachable ||
        code == errc::host_unreachable || code == errc::connection_reset)
        return row(P::unreachable);
    if (code == errc::timed_out) return row(P::timed_out);
    if (code == errc::no_space_on_device) return row(P::disk_full);
    if (code == errc::permission_denied || code == errc::operation_not_permitted)
        return row(P::permission);
    if (code == errc::address_in_use) return row(P::port_in_use);
    return row(P::internal);
}

ProblemInfo const* find_problem(std::string_view id) noexcept {
    for (auto const& info : table)
        if (info.id == id) return &info;
    return nullptr;
}

boost::system::error_code make_error_code(Problem p) noexcept {
    return {static_cast<int>(p), category()};
}

}  // namespace adaos

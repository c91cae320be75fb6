#pragma once
/// The bodies of a join, and what must be true of an answer before it is believed. Pure.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "pki/key.hpp"

#include <string>
#include <string_view>

namespace adaos::node {

/// What goes into the box behind the proof: never the code.
struct JoinBody {
    std::string node_id, hostname, zone_id, csr_pem, attempt_id;
};
[[nodiscard]] std::string to_json(JoinBody const& body);

struct JoinAnswer {
    std::string subnet_id, node_id, node_name, hub_node_id;
    std::string cert_pem, ca_pem, root_url, hub_url;
    std::string tls_pin;  ///< canonical, or empty
};
/// Errors: bad_answer naming the field.
[[nodiscard]] Result<JoinAnswer> parse_join_answer(std::string_view text);

struct JoinExpectation {
    pki::Key const& key;
    std::string node_id;
    std::string pin;  ///< that the anchors must hold; empty: none, or TLS has proved it
    WallTime now;
};
/// The certificate is for our key, for the node and subnet that the answer names and for a member,
/// and leads up to the answer's anchors, which hold the pinned CA. Errors: bad_answer,
/// pin_mismatch, peer_untrusted, clock_wrong.
[[nodiscard]] Result<void> check_join_answer(JoinAnswer const& answer,
                                             JoinExpectation const& expected);

}  // namespace adaos::node

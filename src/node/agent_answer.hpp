#pragma once
/// The bodies of an agent's enrolment, and what must be true of an answer before it is believed.
/// Pure.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "pki/certificate.hpp"
#include "pki/key.hpp"

#include <string>
#include <string_view>

namespace adaos::node {

struct AgentBody {
    Secret token;
    std::string csr_pem, node_name, architecture, advertised_endpoint, migration_host;
    int migration_port_range_start = 0, migration_port_range_end = 0;
    std::string redeem_id;
};
[[nodiscard]] std::string to_json(AgentBody const& body);

/// The pinned CA of `GET /v1/ca`. Every entry's fingerprint is computed again. Errors: bad_answer
/// (no list, an empty one, an entry that contradicts itself), pin_mismatch (ours is not in it).
[[nodiscard]] Result<pki::Certificate> find_pinned_ca(std::string_view body,
                                                      std::string const& pin);

struct AgentAnswer {
    std::string node_id, node_name, subnet_id, cert_pem, ca_cert_pem;
    bool is_replayed = false;
};
/// Errors: bad_answer naming the field.
[[nodiscard]] Result<AgentAnswer> parse_agent_answer(std::string_view text);

struct AgentExpectation {
    pki::Key const& key;
    std::string node_name;
    pki::Certificate const& ca;  ///< the pinned one
    WallTime now;
};
/// The answer's CA, to be pinned from now on: the pinned one, or the next one of the same Root, for
/// which it vouches. It has signed the leaf itself, which is for our key, for the node that the
/// answer names, and valid now. Errors: bad_answer, pin_mismatch, peer_untrusted.
[[nodiscard]] Result<pki::Certificate> check_agent_answer(AgentAnswer const& answer,
                                                          AgentExpectation const& expected);

}  // namespace adaos::node

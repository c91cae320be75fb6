#pragma once
/// How an agent gets its next certificate: for the same key, from who gave the one before.

#include "net/env.hpp"
#include "net/task.hpp"
#include "node/agent_material.hpp"

#include <string>

namespace adaos::node {

/// Asks for it with the certificate there is, or, when that has ended, with the key alone
/// (docs/protocol/renewal.md), and stages the answer: the next load_agent_material takes it up.
/// Errors: the network's; what the door answered; bad_answer. Nothing on disk
/// has changed then.
net::Task<Result<void>> renew_agent(net::Env env, AgentMaterial material);

/// The certificate in the answer is for this agent and its key, and signed by the CA beside it.
/// That CA counts because the server that told it was proved. Errors: bad_answer, peer_untrusted.
struct AgentRenewed {
    std::string cert_pem, ca_pem;
};
[[nodiscard]] Result<void> check_renewed(AgentRenewed const& answer, AgentMaterial const& material,
                                         WallTime now);

}  // namespace adaos::node

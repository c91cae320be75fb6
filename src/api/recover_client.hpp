#pragma once
/// The other end of RecoverDoor.

#include "api/renewal.hpp"
#include "net/env.hpp"
#include "net/fetch.hpp"

#include <string>

namespace adaos::api {

/// Asks below `base` (".../v1/enrol/recover") for a new certificate; the answer is not checked.
/// Errors: the network's, the upstream's problem (node_removed, certificate_too_old, …),
/// bad_answer.
net::Task<Result<std::string>> ask_recovery(net::Env env, net::Url base, net::TlsTrust trust,
                                            RecoverAsk ask);

}  // namespace adaos::api

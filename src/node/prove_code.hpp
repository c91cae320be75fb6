#pragma once
/// The machine's side of the PAKE join door: three requests, in which the code itself is never
/// sent. docs/protocol/join.md, "The proof".

#include "base/random.hpp"
#include "base/secret.hpp"
#include "net/fetch.hpp"

#include <functional>
#include <string>

namespace adaos::node {

/// Sends one body to a path of the door's address.
using PostTo = std::function<net::Task<Result<net::Reply>>(std::string path, std::string body)>;

struct Proof {
    std::string body;          ///< what the authority's box held: the plain door's answer
    std::string authority_id;  ///< "root", or the hub's node id
};
/// How far a proof came, also when it failed.
struct ProofTrace {
    bool is_refused = false;  ///< a definite answer: the code let nobody in
    bool is_begun = false;    ///< the door opened a run
    bool is_lost = false;     ///< the door does not know the run: it was restarted, or is at it yet
    bool is_sent = false;     ///< the order went out: the code may be used
    bool may_pass = false;    ///< worth another try with a new run
};
/// Errors: proof_failed; no_join_endpoint; what the door answered; the network's. Runs scrypt on
/// the calling thread.
net::Task<Result<Proof>> prove_code(PostTo post, Secret code, std::string order, Random& random,
                                    ProofTrace& trace);

}  // namespace adaos::node

#pragma once
/// One machine that joins, from its first connection to the certificate in its hands.

#include "bench/enrol/stock.hpp"
#include "bench/enrol/timing.hpp"
#include "net/fetch.hpp"
#include "net/offload.hpp"
#include "net/task.hpp"

namespace adaos::bench {

/// How Root is reached. What the members refer to outlives every join.
struct Way {
    net::Network& network;
    net::Timers& timers;
    net::TlsContext const& tls;  ///< proves Root by its CA
    net::Url root;
    net::Post scrypt;  ///< the joiners' processors
};

/// What a join took. `calls`: in requests alone, without the joiner's scrypt.
struct Took {
    Millis all{}, calls{};
};

/// A connection and a full handshake, `POST /v1/nodes/join`, its answer.
net::Task<Result<Took>> join_by_token(Way const& way, Ticket const& ticket);
/// The PAKE door as `adaos node join` uses it: params, scrypt, share, finish, a connection each.
net::Task<Result<Took>> join_by_code(Way const& way, Ticket const& ticket);

}  // namespace adaos::bench

#pragma once
/// The way to a TCP service: through this machine's hub, another hub, or Root.

#include "net/fetch.hpp"
#include "node/command_connect.hpp"
#include "node/run_loop.hpp"

#include <string>

namespace adaos::node {

class ServiceWay {
public:
    /// Finds the server and what proves us there; nothing is sent. Errors: invalid_option,
    /// not_a_hub, node_not_running, secret_unreadable.
    static Result<ServiceWay> find(Context& context, ConnectOptions const& options);

    /// Asks whether such a service is there and may be used by us. Errors: the answer's problem;
    /// service_not_tcp.
    net::Task<Result<void>> check(RunLoop& loop);
    /// A new connection to the service. Errors: the answer's problem, the network's.
    net::Task<Result<net::StreamPtr>> open(RunLoop& loop) const;

private:
    [[nodiscard]] net::Fetch request(std::string path) const;
    net::Fetch server_;   ///< address and credentials
    std::string prefix_;  ///< "/hubs/sn_…", or nothing
    std::string node_, service_;
    std::string path_;  ///< of the service, once known
};

}  // namespace adaos::node

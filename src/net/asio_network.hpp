#pragma once
/// The Network of sockets.

#include "net/network.hpp"
#include "net/timers.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace adaos::net {

class AsioNetwork final : public Network {
public:
    AsioNetwork(boost::asio::any_io_executor loop, Timers& timers);
    Task<Result<StreamPtr>> connect(Endpoint to, std::chrono::milliseconds timeout) override;
    Result<std::unique_ptr<Acceptor>> listen(Endpoint at) override;

private:
    boost::asio::any_io_executor loop_;
    Timers& timers_;
};

}  // namespace adaos::net

#include "net/network.hpp"

#include "base/bytes.hpp"

#include <boost/asio/ip/address.hpp>

namespace adaos::net {

std::string Endpoint::text() const {
    bool const v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool is_loopback(std::string_view host) {
    if (equal_ignoring_case(host, "localhost") || equal_ignoring_case(host, "localhost."))
        return true;
    boost::system::error_code ec;
    auto const address = boost::asio::ip::make_address(std::string(host), ec);
    if (ec) return false;
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
            .is_loopback();
    return address.is_loopback();
}

}  // namespace adaos::net

#include "service/proxy_protocol.hpp"

#include <boost/asio/ip/address.hpp>

#include <array>

namespace adaos::service {
namespace {

constexpr std::array<unsigned char, 12> signature{0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                                  0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
constexpr unsigned char version_local = 0x20, version_proxy = 0x21;
constexpr unsigned char unspecified = 0x00, tcp_over_ipv4 = 0x11, tcp_over_ipv6 = 0x21;
constexpr std::size_t port_bytes = 2;

void put(Bytes& out, unsigned value) {
    out.push_back(static_cast<std::byte>(value));
}

void put_zeros(Bytes& out, std::size_t count) {
    out.insert(out.end(), count, std::byte{0});
}

template <class Address>
void put_addresses(Bytes& out, Address const& source) {
    auto const bytes = source.to_bytes();
    put(out, 0);  // the length's high byte: at most 36
    put(out, static_cast<unsigned>(2 * (bytes.size() + port_bytes)));
    for (auto const b : bytes) put(out, b);
    put_zeros(out, bytes.size() + 2 * port_bytes);
}

}  // namespace

Bytes proxy_header(std::string const& source) {
    Bytes out;
    for (auto const b : signature) put(out, b);
    boost::system::error_code failed;
    auto const address = boost::asio::ip::make_address(source, failed);
    if (failed) {
        put(out, version_local);
        put(out, unspecified);
        put_zeros(out, 2);
        return out;
    }
    put(out, version_proxy);
    put(out, address.is_v4() ? tcp_over_ipv4 : tcp_over_ipv6);
    if (address.is_v4())
        put_addresses(out, address.to_v4());
    else
        put_addresses(out, address.to_v6());
    return out;
}

}  // namespace adaos::service

#pragma once
/// A connected TCP socket as a ByteStream.

#include "net/byte_stream.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace adaos::net {

/// Calls that the kernel can serve at once do not go through the loop, up to
/// `max_immediate_calls` in a row; then one does, so that a fast peer cannot starve the others.
class TcpStream final : public ByteStream {
public:
    static constexpr unsigned max_immediate_calls = 16;

    /// Takes a connected socket; sets TCP_NODELAY.
    explicit TcpStream(boost::asio::ip::tcp::socket socket);

    Task<Result<std::size_t>> read_some(std::span<std::byte> into) override;
    Task<Result<void>> write_all(std::span<std::byte const> from) override;
    Task<Result<void>> shutdown_write() override;
    Task<void> close() override;
    void abort() noexcept override;

private:
    [[nodiscard]] bool may_be_immediate() noexcept;
    [[nodiscard]] Error error(boost::system::error_code ec, char const* what) const;

    boost::asio::ip::tcp::socket socket_;
    unsigned immediate_calls_ = 0;
    bool write_ended_ = false;
};

}  // namespace adaos::net

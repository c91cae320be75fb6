#pragma once
/// Two descriptors as one ByteStream: standard input and output.

#include "net/byte_stream.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

namespace adaos::net {

/// Pipes, sockets, terminals and files. The descriptors stay open when the stream goes, and have
/// their blocking mode back then: a shell may share them. An end of the reader does not end the
/// writer; `Writer::closed_at_end`: `shutdown_write` closes its descriptor, as an end is told on a
/// pipe.
class PipeStream final : public ByteStream {
public:
    enum class Writer { kept, closed_at_end };
    PipeStream(boost::asio::any_io_executor const& loop, int read_fd, int write_fd, Writer writer);
    ~PipeStream() override;
    PipeStream(PipeStream const&) = delete;
    PipeStream& operator=(PipeStream const&) = delete;

    Task<Result<std::size_t>> read_some(std::span<std::byte> into) override;
    Task<Result<void>> write_all(std::span<std::byte const> from) override;
    Task<Result<void>> shutdown_write() override;
    Task<void> close() override;
    void abort() noexcept override;

private:
    void give_back() noexcept;

    boost::asio::posix::stream_descriptor in_, out_;
    int read_fd_, write_fd_;
    int read_flags_, write_flags_;
    Writer writer_;
    bool given_back_ = false;
};

}  // namespace adaos::net

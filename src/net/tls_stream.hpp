#pragma once
/// TLS records over any ByteStream. Made by tls_connect and tls_accept only.

#include "base/bytes.hpp"
#include "net/byte_stream.hpp"
#include "net/event.hpp"

#include <array>
#include <memory>

typedef struct ssl_st SSL;
typedef struct bio_st BIO;

namespace adaos::net {

/// An idle stream holds a few hundred bytes and OpenSSL's state: OpenSSL releases its record
/// buffers, and the big ones here exist only while bulk flows.
///
/// OpenSSL never sees the stream below. It reads from `input` and appends to `output` (an own BIO),
/// so it never waits for room; the coroutines move the bytes. A close_notify ends a half; an end
/// below without one is connection_reset, "tls: truncated".
class TlsStream final : public ByteStream {
public:
    struct Freed {
        void operator()(SSL* ssl) const noexcept;
    };
    using Ssl = std::unique_ptr<SSL, Freed>;

    /// Most ciphertext in one write below.
    static constexpr std::size_t max_write_below = 64 * 1024;

    TlsStream(Ssl ssl, StreamPtr below, boost::asio::any_io_executor const& loop);
    ~TlsStream() override;
    TlsStream(TlsStream const&) = delete;
    TlsStream& operator=(TlsStream const&) = delete;

    /// The first thing to call. On a failure of TLS the alert was sent, and the error says why.
    Task<Result<void>> handshake();

    Task<Result<std::size_t>> read_some(std::span<std::byte> into) override;
    Task<Result<void>> write_all(std::span<std::byte const> from) override;
    /// A close_notify. The stream below stays open in both directions.
    Task<Result<void>> shutdown_write() override;
    Task<void> close() override;
    void abort() noexcept override;

    [[nodiscard]] SSL* native() const noexcept { return ssl_.get(); }

    /// What OpenSSL's BIO sees of us.
    struct Wire {
        std::span<std::byte const> input;  ///< received, not yet taken by OpenSSL
        Bytes output;                      ///< made by OpenSSL, not yet sent
    };

private:
    enum class Step { done, ended, wants_input, failed };
    [[nodiscard]] Step judge(int result);
    [[nodiscard]] Error state_error() const;
    Task<Result<void>> fill();
    Task<Result<void>> flush();
    Task<Result<void>> encrypt(std::span<std::byte const> from);
    Task<Result<void>> say_goodbye();
    [[nodiscard]] std::span<std::byte> choose_buffer();

    Wire wire_;  // before ssl_, whose BIO points at it
    Ssl ssl_;
    StreamPtr below_;
    Event changed_;  // `filling_` or `sending_` turned false
    /// What reads wait with. Enough for a small record; a full one calls for the big buffer.
    std::array<std::byte, 512> small_;
    std::unique_ptr<std::byte[]> big_;
    Bytes sending_bytes_;
    Error failure_;  // the first one that TLS met; sticky
    bool expect_bulk_ = false;
    bool filling_ = false;
    bool sending_ = false;
    bool aborted_ = false;
    bool said_goodbye_ = false;
};

/// OpenSSL's last error on this thread; empties its queue. Problem::peer_untrusted when it is about
/// our certificate or a missing one, else bad_answer.
[[nodiscard]] Error take_tls_error(std::string_view what);

}  // namespace adaos::net

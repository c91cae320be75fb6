#include "net/tls_stream.hpp"

#include "base/problem.hpp"

#include <boost/asio/error.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace adaos::net {
namespace {

/// Plaintext per write below: three full records, whose ciphertext stays under max_write_below.
constexpr std::size_t plain_per_write = 3 * std::size_t{SSL3_RT_MAX_PLAIN_LENGTH};
/// At least what the headers and tags of these three add.
constexpr std::size_t record_overhead = 3 * std::size_t{SSL3_RT_MAX_ENCRYPTED_OVERHEAD};
/// Ciphertext read at once when bulk flows: about two records.
constexpr std::size_t big_bytes = 32 * 1024;
/// A big read that got less than this was the end of the bulk.
constexpr std::size_t bulk_bytes = 4 * 1024;
/// Output buffers up to this size are kept for the next write.
constexpr std::size_t kept_bytes = 2 * 1024;
/// What reading may have OpenSSL queue (alerts) behind a write that is stuck.
constexpr std::size_t max_unasked_output = 4 * 1024;

int wire_read(BIO* bio, char* into, std::size_t size, std::size_t* taken) noexcept {
    auto& wire = *static_cast<TlsStream::Wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    *taken = std::min(size, wire.input.size());
    if (*taken == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    std::memcpy(into, wire.input.data(), *taken);
    wire.input = wire.input.subspan(*taken);
    return 1;
}

int wire_write(BIO* bio, char const* from, std::size_t size, std::size_t* taken) noexcept {
    auto& wire = *static_cast<TlsStream::Wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    auto const* const bytes = reinterpret_cast<std::byte const*>(from);
    wire.output.insert(wire.output.end(), bytes, bytes + size);
    *taken = size;
    return 1;
}

long wire_control(BIO*, int command, long, void*) noexcept {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD const* wire_method() {
    static BIO_METHOD const* const method = [] {
        auto* const m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "adaos wire");
        BIO_meth_set_read_ex(m, wire_read);
        BIO_meth_set_write_ex(m, wire_write);
        BIO_meth_set_ctrl(m, wire_control);
        return m;
    }();
    return method;
}

/// Turns a flag off and wakes who waits for that, however the coroutine ends.
class Busy {
public:
    Busy(bool& flag, Event& changed) : flag_(flag), changed_(changed) { flag_ = true; }
    ~Busy() {
        flag_ = false;
        changed_.notify();
    }
    Busy(Busy const&) = delete;
    Busy& operator=(Busy const&) = delete;

private:
    bool& flag_;
    Event& changed_;
};

/// Alerts by which a peer refuses our certificate (RFC 8446, section 6.2).
bool refuses_us(int reason) {
    switch (reason - SSL_AD_REASON_OFFSET) {
        case SSL_AD_BAD_CERTIFICATE:
        case SSL_AD_UNSUPPORTED_CERTIFICATE:
        case SSL_AD_CERTIFICATE_REVOKED:
        case SSL_AD_CERTIFICATE_EXPIRED:
        case SSL_AD_CERTIFICATE_UNKNOWN:
        case SSL_AD_UNKNOWN_CA:
        case SSL_AD_ACCESS_DENIED:
        case SSL_AD_CERTIFICATE_REQUIRED: return true;
        default: return false;
    }
}

}  // namespace

Error take_tls_error(std::string_view what) {
    auto const code = ERR_peek_last_error();
    auto const reason = ERR_GET_REASON(code);
    char const* const known = ERR_reason_error_string(code);
    std::string text(what);
    text += ": ";
    text += known != nullptr ? known : "unknown failure";
    ERR_clear_error();
    if (ERR_GET_LIB(code) == ERR_LIB_SSL && refuses_us(reason))
        return Error(Problem::peer_untrusted, text + " (the other side refused our certificate)");
    if (ERR_GET_LIB(code) == ERR_LIB_SSL && reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
        return Error(Problem::peer_untrusted, text);
    return Error(Problem::bad_answer, text);
}

void TlsStream::Freed::operator()(SSL* ssl) const noexcept {
    SSL_free(ssl);
}

TlsStream::TlsStream(Ssl ssl, StreamPtr below, boost::asio::any_io_executor const& loop)
    : ssl_(std::move(ssl)), below_(std::move(below)), changed_(loop) {
    auto* const bio = BIO_new(wire_method());
    BIO_set_data(bio, &wire_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
}

TlsStream::~TlsStream() = default;

TlsStream::Step TlsStream::judge(int result) {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_NONE: return Step::done;
        case SSL_ERROR_ZERO_RETURN: return Step::ended;
        case SSL_ERROR_WANT_READ: return Step::wants_input;
        default: failure_ = take_tls_error("tls"); return Step::failed;
    }
}

Error TlsStream::state_error() const {
    if (aborted_) return Error(boost::asio::error::operation_aborted, "tls");
    return failure_;
}

/// Small while idle; big from the first full read until one that brought little.
std::span<std::byte> TlsStream::choose_buffer() {
    if (!expect_bulk_) {
        big_.reset();
        return small_;
    }
    if (!big_) big_ = std::make_unique_for_overwrite<std::byte[]>(big_bytes);
    return {big_.get(), big_bytes};
}

/// Waits until there may be more input: reads some, or lets the other coroutine's read end.
Task<Result<void>> TlsStream::fill() {
    if (filling_) {
        co_await changed_.wait();
        co_return Result<void>();
    }
    Busy const busy(filling_, changed_);
    auto const buffer = choose_buffer();
    auto const n = co_await below_->read_some(buffer);
    if (aborted_) co_return state_error();
    if (!n && n.error().code == boost::asio::error::eof) {
        failure_ = Error(boost::asio::error::connection_reset, "tls: truncated");
        co_return failure_;
    }
    if (!n) co_return n.error();
    expect_bulk_ = expect_bulk_ ? *n >= bulk_bytes : *n == buffer.size();
    wire_.input = buffer.first(*n);
    co_return Result<void>();
}

/// Sends all output, after what another coroutine is sending.
Task<Result<void>> TlsStream::flush() {
    while (sending_) {
        co_await changed_.wait();
    }
    Busy const busy(sending_, changed_);
    while (!wire_.output.empty()) {
        sending_bytes_.swap(wire_.output);  // OpenSSL may append while we wait
        auto const sent = co_await below_->write_all(sending_bytes_);
        sending_bytes_.clear();
        if (aborted_) co_return state_error();
        if (!sent) co_return sent.error();
    }
    if (sending_bytes_.capacity() > kept_bytes) Bytes().swap(sending_bytes_);
    if (wire_.output.capacity() > kept_bytes) Bytes().swap(wire_.output);
    co_return Result<void>();
}

Task<Result<void>> TlsStream::handshake() {
    for (;;) {
        ERR_clear_error();
        auto const step = judge(SSL_do_handshake(ssl_.get()));
        auto const sent = co_await flush();  // of a failure, too: the alert
        if (step == Step::failed) co_return state_error();
        if (!sent) co_return sent.error();
        if (step == Step::done) co_return Result<void>();
        auto const more = co_await fill();
        if (!more) co_return more.error();
    }
}

Task<Result<std::size_t>> TlsStream::read_some(std::span<std::byte> into) {
    for (;;) {
        if (aborted_ || failure_.code) co_return state_error();
        ERR_clear_error();
        std::size_t n = 0;
        auto const step = judge(SSL_read_ex(ssl_.get(), into.data(), into.size(), &n));
        if (step == Step::done) co_return n;
        if (step == Step::ended) co_return Error(boost::asio::error::eof, "tls");
        // Rare: a refused renegotiation, or the alert of a failure. A write under way takes it
        // along when it is done with its own.
        if (wire_.output.size() > max_unasked_output && sending_)
            co_return Error(boost::asio::error::no_buffer_space, "tls");
        if (!wire_.output.empty() && !sending_) {
            co_await flush();
        }
        if (step == Step::failed) co_return state_error();
        auto const more = co_await fill();
        if (!more) co_return more.error();
    }
}

/// Turns all of `from` into output. Only waits when a message of the handshake layer (a session
/// ticket) is half received: OpenSSL wants its end first.
Task<Result<void>> TlsStream::encrypt(std::span<std::byte const> from) {
    for (;;) {
        if (aborted_ || failure_.code) co_return state_error();
        if (said_goodbye_) co_return Error(boost::asio::error::broken_pipe, "tls");
        ERR_clear_error();
        wire_.output.reserve(wire_.output.size() + from.size() + record_overhead);
        std::size_t n = 0;
        auto const step = judge(SSL_write_ex(ssl_.get(), from.data(), from.size(), &n));
        if (step == Step::done) co_return Result<void>();
        if (step == Step::ended) co_return Error(boost::asio::error::broken_pipe, "tls");
        if (step == Step::failed) co_return state_error();
        auto const more = co_await fill();
        if (!more) co_return more.error();
    }
}

Task<Result<void>> TlsStream::write_all(std::span<std::byte const> from) {
    while (!from.empty()) {
        auto const part = from.first(std::min(from.size(), plain_per_write));
        from = from.subspan(part.size());
        auto const made = co_await encrypt(part);
        if (!made) co_return made.error();
        auto const sent = co_await flush();
        if (!sent) co_return sent.error();
    }
    co_return Result<void>();
}

Task<Result<void>> TlsStream::say_goodbye() {
    if (aborted_ || failure_.code) co_return state_error();
    if (!std::exchange(said_goodbye_, true)) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
        ERR_clear_error();
    }
    co_return co_await flush();
}

Task<Result<void>> TlsStream::shutdown_write() {
    co_return co_await say_goodbye();
}

Task<void> TlsStream::close() {
    co_await say_goodbye();
    co_await below_->close();
    aborted_ = true;
}

void TlsStream::abort() noexcept {
    aborted_ = true;
    below_->abort();
    changed_.notify();
}

}  // namespace adaos::net

// The TLS yardstick: blocking sockets and OpenSSL, nothing of ours but the server's context.
#include "bench/enrol/child.hpp"
#include "bench/enrol/yardsticks.hpp"

#include "base/problem.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace adaos::bench {
namespace {

/// Enough for two cores to be always busy: a thread waits while its other end works. With one
/// serving thread and two clients the cores were idle for 40 % of the time.
constexpr unsigned serving_threads = 2;
constexpr unsigned client_threads = 4;
constexpr int backlog = 128;

struct SslFreed {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    void operator()(SSL_CTX* ctx) const noexcept { SSL_CTX_free(ctx); }
};
using SslPtr = std::unique_ptr<SSL, SslFreed>;
using ContextPtr = std::unique_ptr<SSL_CTX, SslFreed>;

class Socket {
public:
    explicit Socket(int fd) : fd_(fd) {}
    Socket(Socket const&) = delete;
    ~Socket() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_;
};

sockaddr* generic(sockaddr_in& address) {
    return reinterpret_cast<sockaddr*>(&address);
}

void send_at_once(int fd) {
    int const on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// Handshakes, a byte to say that the client's end was seen, the next.
void serve(int listener, SSL_CTX* ctx) {
    for (;;) {
        Socket const peer(::accept(listener, nullptr, nullptr));
        if (peer.get() < 0) return;
        send_at_once(peer.get());
        SslPtr const ssl(SSL_new(ctx));
        SSL_set_fd(ssl.get(), peer.get());
        if (SSL_accept(ssl.get()) != 1) continue;
        SSL_write(ssl.get(), "x", 1);
        SSL_shutdown(ssl.get());
    }
}

bool handshake(SSL_CTX* ctx, sockaddr_in address) {
    Socket const peer(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(peer.get(), generic(address), sizeof address) != 0) return false;
    send_at_once(peer.get());
    SslPtr const ssl(SSL_new(ctx));
    SSL_set_fd(ssl.get(), peer.get());
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), "127.0.0.1");
    char byte = 0;
    return SSL_connect(ssl.get()) == 1 && SSL_read(ssl.get(), &byte, 1) == 1;
}

ContextPtr client_context(std::string const& ca_pem) {
    ContextPtr ctx(SSL_CTX_new(TLS_client_method()));
    auto const anchors = pki::certificates_from_pem(ca_pem);
    if (anchors.has_error()) return nullptr;
    for (auto const& anchor : *anchors)
        X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx.get()), anchor.native());
    SSL_CTX_set_min_proto_version(ctx.get(), TLS1_3_VERSION);
    SSL_CTX_set_session_cache_mode(ctx.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(ctx.get(), SSL_VERIFY_PEER, nullptr);
    return ctx;
}

}  // namespace

Result<Rate> measure_handshakes(net::TlsIdentity const& identity, std::string const& ca_pem,
                                Millis at_least) {
    auto const server = net::TlsContext::make_server(identity, ca_pem);
    if (server.has_error()) return server.error();
    auto const client = client_context(ca_pem);
    Socket const listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (!client || ::bind(listener.get(), generic(address), size) != 0 ||
        ::listen(listener.get(), backlog) != 0 ||
        ::getsockname(listener.get(), generic(address), &size) != 0)
        return Error(Problem::internal, "the handshakes' server");
    Child const serving([&] {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < serving_threads; ++i)
            threads.emplace_back([&] { serve(listener.get(), server->native()); });
    });
    std::atomic<int> done{0};
    std::atomic<bool> failed{false};
    Stopwatch const watch;
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < client_threads; ++i)
            threads.emplace_back([&] {
                while (!failed && watch.passed() < at_least)
                    handshake(client.get(), address) ? void(++done) : void(failed = true);
            });
    }
    if (failed) return Error(Problem::internal, "a handshake of the yardstick failed");
    Rate rate;
    rate.add(done, watch.passed());
    return rate;
}

}  // namespace adaos::bench

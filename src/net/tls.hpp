#pragma once
/// TLS over any ByteStream. Contexts say who we are and whom we trust; a wrapped stream is only
/// returned after handshake *and* verification, so nothing is ever sent to an unproved peer.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "net/byte_stream.hpp"
#include "pki/certificate.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

typedef struct ssl_ctx_st SSL_CTX;

namespace adaos::net {

/// Our certificate chain and key, PEM.
struct TlsIdentity {
    std::string chain_pem;  ///< leaf first
    Secret key_pem;
};

/// How a client knows that a server is the right one. Exactly one way is used, in this order:
/// the pin, the anchors, anyone, the system's store.
struct TlsTrust {
    /// "sha256:<64 hex>" of a CA certificate (DER) that the server must present in its chain and
    /// that signed its leaf itself, or by way of the next CA of the same Root, for which it
    /// vouches; not by way of any other CA below. The leaf must be valid for the host.
    std::optional<std::string> ca_fingerprint;
    /// PEM certificates; the only anchors when not empty.
    std::string anchors_pem;
    /// The server is not proved at all: only for what proves itself inside (the PAKE join door).
    bool anyone = false;
    /// With a pin: others that are as good.
    std::vector<std::string> other_fingerprints = {};
};

/// Made once, used for many connections. TLS 1.2+ towards browsers, 1.3 only on links.
class TlsContext {
public:
    /// HTTPS server: no client certificate, TLS 1.2 and 1.3, ALPN http/1.1.
    static Result<TlsContext> make_server(TlsIdentity const& identity);
    /// The same, and a client may show a certificate that verifies up to one of
    /// `client_anchors_pem`; one that does not verify ends the handshake, having none is fine.
    static Result<TlsContext> make_server(TlsIdentity const& identity,
                                          std::string const& client_anchors_pem);
    /// HTTPS client for names and addresses.
    static Result<TlsContext> make_client(TlsTrust const& trust);
    /// Certificates are judged by this clock, which outlives the context; else by the system's.
    void judge_by(Clock const& clock);
    /// Both ends of a link's inner session: TLS 1.3 only, ALPN "adaos-link/1", the peer must
    /// present a certificate that verifies up to one of `anchors_pem`; its identity is the caller's
    /// to check.
    static Result<TlsContext> make_link_accepter(TlsIdentity const& identity,
                                                 std::string const& anchors_pem);
    static Result<TlsContext> make_link_dialler(TlsIdentity const& identity,
                                                std::string const& anchors_pem);

    TlsContext(TlsContext&&) noexcept;
    TlsContext& operator=(TlsContext&&) noexcept;
    ~TlsContext();
    [[nodiscard]] SSL_CTX* native() const noexcept;

    struct Parts;
    explicit TlsContext(std::unique_ptr<Parts> parts);
    [[nodiscard]] Parts const& parts() const noexcept { return *parts_; }

private:
    std::unique_ptr<Parts> parts_;
};

struct TlsAccepted {
    StreamPtr stream;
    /// The peer's verified leaf; absent at an HTTPS server whose client showed none.
    std::optional<pki::Certificate> peer;
};

/// Client handshake over `below`, verification included. `host` is the name or address that must be
/// in the certificate (and goes into SNI when it is a name); it may be empty for links. The context
/// is only used during the call. Errors: Problem::pin_mismatch, Problem::peer_untrusted (context
/// holds OpenSSL's reason and, for pins, expected and seen fingerprint), Problem::bad_answer (no
/// TLS, or not ours), or the stream's. A stream that failed is closed, after the alert that says
/// why. In TLS 1.3 a client is done before the server has looked at its certificate: on a link, a
/// refusal is the error of the first read (peer_untrusted). The caller bounds the time by aborting
/// (see Deadline).
Task<Result<TlsAccepted>> tls_connect(TlsContext const& context, StreamPtr below, std::string host);
/// Server handshake; same rules. Errors of strangers are ordinary.
Task<Result<TlsAccepted>> tls_accept(TlsContext const& context, StreamPtr below);

}  // namespace adaos::net

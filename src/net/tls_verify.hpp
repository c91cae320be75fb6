#pragma once
/// Whom a handshake trusts: contexts' insides, and the check of a pin. For tls*.cpp only.

#include "net/tls.hpp"

#include <memory>
#include <string>
#include <vector>

typedef struct x509_store_ctx_st X509_STORE_CTX;
typedef struct ssl_st SSL;

namespace adaos::net {

struct TlsContext::Parts {
    struct Freed {
        void operator()(SSL_CTX* ctx) const noexcept;
    };
    std::unique_ptr<SSL_CTX, Freed> ctx;
    std::vector<std::string> pins;  ///< canonical; empty: the context's own anchors
    Clock const* clock = nullptr;   ///< null: the system's
    std::string alpn;               ///< must be agreed on; empty: may be absent
    bool checks_host = false;       ///< a client of names and addresses
};

/// What one handshake found out. Lives as long as the handshake.
struct TlsVerdict {
    std::vector<std::string> const& pins;
    Clock const* clock;
    std::string seen;  ///< fingerprint of the last certificate presented, set on a mismatch
};

/// Has `ssl` verify its peer by `verdict.pin` (when there is one) and, when not empty, for `host`.
/// Errors: Problem::invalid_field.
[[nodiscard]] Result<void> expect_peer(SSL* ssl, TlsVerdict& verdict, std::string const& host);
/// `verdict` goes away.
void forget_verdict(SSL* ssl) noexcept;

/// For SSL_CTX_set_cert_verify_callback.
int verify_peer(X509_STORE_CTX* ctx, void*) noexcept;

}  // namespace adaos::net

#include "net/tls_verify.hpp"

#include "base/problem.hpp"

#include <boost/asio/ip/address.hpp>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace adaos::net {
namespace {

struct StackFreed {
    void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
};

std::string fingerprint_of(X509* borrowed) {
    X509_up_ref(borrowed);
    return pki::Certificate(borrowed).fingerprint();
}

bool names_root(X509* borrowed) {
    X509_up_ref(borrowed);
    return pki::Certificate(borrowed).is_root_ca();
}

/// The presented CA certificate that a pin names; null when there is none.
X509* find_pinned(STACK_OF(X509) * presented, TlsVerdict& verdict) {
    for (int i = 0; i < sk_X509_num(presented); ++i) {
        auto* const candidate = sk_X509_value(presented, i);
        verdict.seen = fingerprint_of(candidate);
        // 1: basicConstraints say CA. The other "maybe" values are old, v1 certificates.
        bool const named =
            std::find(verdict.pins.begin(), verdict.pins.end(), verdict.seen) != verdict.pins.end();
        if (named && X509_check_ca(candidate) == 1) return candidate;
    }
    return nullptr;
}

/// The pinned certificate becomes the only anchor; all else is as for any other.
int verify_pinned(X509_STORE_CTX* ctx, TlsVerdict& verdict) {
    auto* const pinned = find_pinned(X509_STORE_CTX_get0_untrusted(ctx), verdict);
    if (pinned == nullptr) {
        X509_STORE_CTX_set_error(ctx, X509_V_ERR_APPLICATION_VERIFICATION);
        return 0;
    }
    verdict.seen.clear();
    std::unique_ptr<STACK_OF(X509), StackFreed> const anchors(sk_X509_new_null());
    if (!anchors || sk_X509_push(anchors.get(), pinned) == 0) {
        X509_STORE_CTX_set_error(ctx, X509_V_ERR_OUT_OF_MEM);
        return 0;
    }
    X509_STORE_CTX_set0_trusted_stack(ctx, anchors.get());
    // The pinned CA may be below another one: it is trusted all the same, being named itself.
    X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_PARTIAL_CHAIN);
    auto const verified = X509_verify_cert(ctx);
    X509_STORE_CTX_set0_trusted_stack(ctx, nullptr);
    // The owner of a CA below the pinned one (every hub has such a CA) is not who was pinned; the
    // CA that follows it is, and says so in a name that no hub can give.
    auto const* const chain = X509_STORE_CTX_get0_chain(ctx);
    bool const by_successor = sk_X509_num(chain) == 3 && names_root(sk_X509_value(chain, 1));
    if (verified == 1 && sk_X509_num(chain) > 2 && !by_successor) {
        verdict.seen = fingerprint_of(sk_X509_value(chain, 1));
        X509_STORE_CTX_set_error(ctx, X509_V_ERR_APPLICATION_VERIFICATION);
        return 0;
    }
    return verified;
}

}  // namespace

void TlsContext::Parts::Freed::operator()(SSL_CTX* given) const noexcept {
    SSL_CTX_free(given);
}

int verify_peer(X509_STORE_CTX* ctx, void*) noexcept {
    auto* const ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* const verdict = static_cast<TlsVerdict*>(SSL_get_app_data(ssl));
    if (verdict == nullptr) {  // after the handshake nobody's certificate is asked for
        X509_STORE_CTX_set_error(ctx, X509_V_ERR_APPLICATION_VERIFICATION);
        return 0;
    }
    if (verdict->clock != nullptr) {
        auto const now = std::chrono::floor<std::chrono::seconds>(verdict->clock->wall());
        X509_STORE_CTX_set_time(ctx, 0, now.time_since_epoch().count());
    }
    if (verdict->pins.empty()) return X509_verify_cert(ctx) == 1;
    return verify_pinned(ctx, *verdict) == 1;
}

Result<void> expect_peer(SSL* ssl, TlsVerdict& verdict, std::string const& host) {
    SSL_set_app_data(ssl, &verdict);
    if (host.empty()) return {};
    auto* const wanted = SSL_get0_param(ssl);
    boost::system::error_code no_address;
    boost::asio::ip::make_address(host, no_address);
    if (!no_address) {
        if (X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1) return {};
        return Error(Problem::invalid_field, "tls: address " + host);
    }
    auto const name = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
    X509_VERIFY_PARAM_set_hostflags(
        wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (X509_VERIFY_PARAM_set1_host(wanted, name.data(), name.size()) == 1 &&
        SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(name.c_str())) == 1)
        return {};
    return Error(Problem::invalid_field, "tls: host name");
}

void forget_verdict(SSL* ssl) noexcept {
    SSL_set_app_data(ssl, nullptr);
}

}  // namespace adaos::net
